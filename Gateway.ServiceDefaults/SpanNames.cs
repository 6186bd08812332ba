using System.Diagnostics;
using OpenTelemetry;

namespace Xmtp.Gateway.ServiceDefaults;

/// <summary>
/// Names spans by what they do: a call by what it published, and a request to a chain by its JSON-RPC method. All of them are a
/// POST to one path otherwise.
/// </summary>
internal sealed class SpanNames : BaseProcessor<Activity>
{
    private const string Method = "rpc.method";
    private static readonly HttpRequestOptionsKey<string> MethodOption = new(Method);

    /// <summary>Tags a span with the method of a JSON-RPC request.</summary>
    public static void TagMethod(Activity span, HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Options.TryGetValue(MethodOption, out var method)) span.SetTag("rpc.system", "jsonrpc").SetTag(Method, method);
    }

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Kind == ActivityKind.Server && data.GetTagItem("xmtp.publish") is string published) data.DisplayName = published;
        else if (data.Kind == ActivityKind.Client && data.GetTagItem("rpc.system") is "jsonrpc" && data.GetTagItem(Method) is string method)
            data.DisplayName = method;
    }
}
