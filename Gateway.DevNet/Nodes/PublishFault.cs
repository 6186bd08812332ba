using Grpc.Core;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What happens to a call that publishes.</summary>
public sealed record PublishFault
{
    private PublishFault(PublishFaultKind kind) => Kind = kind;

    /// <summary>Only so many calls from now on, at least 1; null, the default, for all.</summary>
    public int? Calls { get; init; }

    /// <summary>Only each so many-th call, at least 1; 1, the default, for each.</summary>
    public int Every { get; init; } = 1;

    internal PublishFaultKind Kind { get; }

    internal StatusCode Code { get; private init; }

    internal string Message { get; private init; } = "";

    internal int HttpStatus { get; private init; }

    /// <summary>
    /// An error. Its text is replaced as nodes replace it, unless the code is INVALID_ARGUMENT, NOT_FOUND or
    /// UNIMPLEMENTED.
    /// </summary>
    public static PublishFault Answer(
        StatusCode code, string message = "") => new(PublishFaultKind.Answer) { Code = code, Message = message };

    /// <summary>The TCP connection is reset, and every call on it with it.</summary>
    public static PublishFault Reset() => new(PublishFaultKind.Reset);

    /// <summary>No answer, whatever the call's <c>grpc-timeout</c> says, until the caller leaves or the node stops.</summary>
    public static PublishFault Hang() => new(PublishFaultKind.Hang);

    /// <summary>An HTTP page without grpc-status, as an edge in front of a node answers. Before staging alone.</summary>
    /// <param name="httpStatus">From 200 to 599.</param>
    public static PublishFault Page(int httpStatus) => new(PublishFaultKind.Page) { HttpStatus = httpStatus };
}

/// <summary>The kinds of <see cref="PublishFault"/>.</summary>
internal enum PublishFaultKind
{
    /// <summary>An error of gRPC.</summary>
    Answer,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>Nothing is answered.</summary>
    Hang,

    /// <summary>An HTTP page.</summary>
    Page,
}
