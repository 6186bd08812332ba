namespace Xmtp.Gateway.DevNet;

/// <summary>The local network cannot start; the message says why and what to do.</summary>
public sealed class DevNetException(string message, Exception? inner = null) : Exception(message, inner);
