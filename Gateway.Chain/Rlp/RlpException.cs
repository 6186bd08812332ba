namespace Xmtp.Gateway.Chain.Rlp;

/// <summary>Bytes that are not the one right RLP encoding of what was expected.</summary>
public sealed class RlpException(string message) : FormatException(message);
