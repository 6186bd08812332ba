using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>
/// Answers with JSON that a page built as nodes. Nothing of it is found by reflection, so that a program whose unused code was removed
/// serves the same pages, and the first page costs no more than the others.
/// </summary>
internal static class JsonPage
{
    // As ASP.NET writes JSON that is no part of an HTML page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the body; the status is the caller's.</summary>
    public static async Task WriteAsync(HttpContext call, JsonObject body)
    {
        call.Response.ContentType = "application/json; charset=utf-8";
        using (var writer = new Utf8JsonWriter(call.Response.BodyWriter, Options)) body.WriteTo(writer);
        await call.Response.BodyWriter.FlushAsync(call.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes <c>{"error":"…"}</c>.</summary>
    public static Task FailAsync(HttpContext call, int status, string error)
    {
        call.Response.StatusCode = status;
        return WriteAsync(call, new JsonObject { ["error"] = error });
    }

    /// <summary>A list of nodes.</summary>
    public static JsonArray List(IEnumerable<JsonNode?> items) => new([.. items]);
}
