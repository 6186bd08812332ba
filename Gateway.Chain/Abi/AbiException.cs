namespace Xmtp.Gateway.Chain.Abi;

/// <summary>
/// The bytes are not a valid ABI encoding of the expected type. The message never contains the bytes.
/// </summary>
public sealed class AbiException(string message) : FormatException(message);
