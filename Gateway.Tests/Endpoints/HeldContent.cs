using System.Net;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>A body of which a part is sent, and the rest never.</summary>
internal sealed class HeldContent(byte[]? start = null, long length = 1000) : HttpContent
{
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo() => _go.TrySetException(new IOException("the caller leaves"));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, TestContext.Current.CancellationToken);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (start is not null) await stream.WriteAsync(start, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await _go.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long size)
    {
        size = length;
        return true;
    }

    /// <summary>Posts headers over HTTP/2 and holds the body back until the answer's headers are there.</summary>
    public static async Task<HttpResponseMessage> AnswerAsync(HttpClient http, Uri url, string type)
    {
        using var content = new HeldContent();
        content.Headers.ContentType = new(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var response = await http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        content.LetGo();
        return response;
    }
}
