namespace Xmtp.Gateway.Chain.Abi;

/// <summary>Bytes that are not the encoding of what was expected. Says what, never the bytes.</summary>
public sealed class AbiException(string message) : FormatException(message);
