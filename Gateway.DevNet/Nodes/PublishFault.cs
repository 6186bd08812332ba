using Grpc.Core;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>A fault injected into publish calls.</summary>
public sealed record PublishFault
{
    private PublishFault(PublishFaultKind kind) => Kind = kind;

    /// <summary>The number of affected calls from now on, at least 1; null, the default, for all.</summary>
    public int? Calls { get; init; }

    /// <summary>Affects every n-th call, at least 1; 1, the default, for each.</summary>
    public int Every { get; init; } = 1;

    internal PublishFaultKind Kind { get; }

    internal StatusCode Code { get; private init; }

    internal string Message { get; private init; } = "";

    internal int HttpStatus { get; private init; }

    /// <summary>
    /// An error. Its text is replaced as nodes do it, unless the code is INVALID_ARGUMENT, NOT_FOUND or UNIMPLEMENTED.
    /// </summary>
    public static PublishFault Answer(
        StatusCode code, string message = "") => new(PublishFaultKind.Answer) { Code = code, Message = message };

    /// <summary>Resets the TCP connection, and with it all of its calls.</summary>
    public static PublishFault Reset() => new(PublishFaultKind.Reset);

    /// <summary>
    /// Never responds, whatever the call's <c>grpc-timeout</c>, until the caller disconnects or the node stops.
    /// </summary>
    public static PublishFault Hang() => new(PublishFaultKind.Hang);

    /// <summary>Responds with an HTTP page without grpc-status, like a proxy in front of a node. Only before staging.</summary>
    /// <param name="httpStatus">From 200 to 599.</param>
    public static PublishFault Page(int httpStatus) => new(PublishFaultKind.Page) { HttpStatus = httpStatus };
}

/// <summary>The kinds of <see cref="PublishFault"/>.</summary>
internal enum PublishFaultKind
{
    /// <summary>A gRPC error.</summary>
    Answer,

    /// <summary>A reset of the connection.</summary>
    Reset,

    /// <summary>No response.</summary>
    Hang,

    /// <summary>An HTTP page.</summary>
    Page,
}
