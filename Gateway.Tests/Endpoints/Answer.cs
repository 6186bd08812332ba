using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>What a call came to, in one form for every protocol.</summary>
public sealed record Answer(StatusCode Code, string Message, string? RetryAfter, Google.Rpc.Status? Details, IMessage? Reply)
{
    public static Answer Ok(IMessage reply) => new(StatusCode.OK, "", null, null, reply);

    public static Answer Of(RpcException error) =>
        new(error.StatusCode, error.Status.Detail, error.Trailers.GetValue("retry-after"), error.GetRpcStatus(), null);

    /// <summary>Reads a Connect error.</summary>
    public static Answer Of(HttpResponseMessage response, string json)
    {
        using var document = JsonDocument.Parse(json);
        var details = new Google.Rpc.Status { Message = document.RootElement.GetProperty("message").GetString() };
        foreach (var detail in document.RootElement.GetProperty("details").EnumerateArray())
        {
            details.Details.Add(new Google.Protobuf.WellKnownTypes.Any
            {
                TypeUrl = "type.googleapis.com/" + detail.GetProperty("type").GetString(),
                Value = ByteString.CopyFrom(Unpadded(detail.GetProperty("value").GetString()!)),
            });
        }
        var code = document.RootElement.GetProperty("code").GetString()!;
        var retryAfter = response.Headers.TryGetValues("retry-after", out var values) ? values.Single() : null;
        return new Answer(StatusCodeOf(code), details.Message ?? "", retryAfter, details, null);
    }

    public T Detail<T>()
        where T : class, IMessage<T>, new() => Details!.GetDetail<T>();

    private static StatusCode StatusCodeOf(string name) =>
        name == "canceled"
            ? StatusCode.Cancelled
            : Enum.Parse<StatusCode>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    private static byte[] Unpadded(string base64) => Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
}
