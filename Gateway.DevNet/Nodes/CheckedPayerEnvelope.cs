using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>A payer envelope that a node takes.</summary>
/// <param name="Bytes">The serialized PayerEnvelope, as it came.</param>
/// <param name="Topic">The client envelope's topic.</param>
/// <param name="Payer">Who signed it.</param>
/// <param name="RetentionDays">How long it is to be kept.</param>
internal sealed record CheckedPayerEnvelope(ReadOnlyMemory<byte> Bytes, Topic Topic, EthereumAddress Payer, uint RetentionDays);
