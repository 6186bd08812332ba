using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Operator.Page;

/// <summary>The operator's page: one file of this assembly, which loads nothing but the JSON of the metrics port.</summary>
internal static class OperatorPage
{
    private const string Placeholder = "{nonce}";
    private static readonly string Html = Read();

    /// <summary>Serves <c>GET /</c>.</summary>
    internal static Task ServeAsync(HttpContext call)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        call.Response.ContentType = "text/html; charset=utf-8";
        call.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; " +
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
        return call.Response.WriteAsync(Html.Replace(Placeholder, nonce, StringComparison.Ordinal), Encoding.UTF8, call.RequestAborted);
    }

    private static string Read()
    {
        using var reader = new StreamReader(typeof(OperatorPage).Assembly.GetManifestResourceStream(typeof(OperatorPage), "page.html")!);
        return reader.ReadToEnd();
    }
}
