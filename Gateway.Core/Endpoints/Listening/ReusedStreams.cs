using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>Lets Kestrel send the response of a call whose HTTP/2 stream reuses the objects of an earlier one.</summary>
/// <remarks>
/// <para>Kestrel up to 10.0.12 at least loses responses (dotnet/aspnetcore#53736). A response that is larger than the client's window
/// waits until the client enlarges it. If that schedules the output of the stream in the moment in which the response ends, nothing
/// takes the mark back that the output is scheduled. The next call that reuses the objects is then executed, and its response is never
/// scheduled: the client waits until its deadline for the answer to a publish that was paid for.</para>
/// <para>So the mark is removed before a call is executed, when nothing of its response can be scheduled. If the output should still be
/// in Kestrel's queue, it is looked at once more, without effect. Kestrel has no public member for it. Where the members are not as
/// they were, a warning is logged once, and calls are executed as they would be without this.</para>
/// </remarks>
internal sealed partial class ReusedStreams(ILogger<ReusedStreams> logger) : IStartupFilter
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel.Core";
    private const string Stream = $"{Kestrel}.Internal.Http2.Http2Stream";
    private const string Output = $"{Kestrel}.Internal.Http2.Http2OutputProducer";

    private Type? _streams;
    private Type? _outputs;
    private volatile bool _isUnknown;

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(execute => call =>
        {
            if (!_isUnknown && call.Features.Get<IHttp2StreamIdFeature>() is { } stream) Release(stream);
            return execute(call);
        });
        next(app);
    };

    private void Release(object stream)
    {
        try
        {
            // The accessors trust what they are given. A type's name may be composed anew at each call.
            if (stream.GetType() != _streams && !IsNamed(stream.GetType().BaseType, Stream)) return;
            _streams = stream.GetType();
            var output = OutputOf(stream);
            if (output.GetType() != _outputs && !IsNamed(output.GetType(), Output)) return;
            _outputs = output.GetType();
            IsScheduled(output) = false;
        }
        catch (Exception exception) when (exception is MissingMemberException or TypeLoadException)
        {
            _isUnknown = true;
            Unknown(logger, exception);
        }
    }

    private static bool IsNamed(Type? type, string name) => type?.FullName == name;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Output")]
    [return: UnsafeAccessorType($"{Kestrel}.Internal.Http.IHttpOutputProducer, {Kestrel}")]
    private static extern object OutputOf([UnsafeAccessorType($"{Kestrel}.Internal.Http.HttpProtocol, {Kestrel}")] object protocol);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_isScheduled")]
    private static extern ref bool IsScheduled([UnsafeAccessorType($"{Output}, {Kestrel}")] object output);

    [LoggerMessage(
        EventIds.StreamsUnknown,
        LogLevel.Warning,
        "this version of Kestrel has other HTTP/2 streams; the loss of responses (dotnet/aspnetcore#53736) is not prevented")]
    private static partial void Unknown(ILogger logger, Exception exception);
}
