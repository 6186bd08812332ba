using System.Security.Cryptography.X509Certificates;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Connections that trust one authority alone.</summary>
public static class TrustingHandler
{
    /// <param name="authorityFile">The authority's certificate, as PEM.</param>
    public static SocketsHttpHandler Of(string authorityFile)
    {
        var trusted = X509Certificate2.CreateFromPem(File.ReadAllText(authorityFile));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { trusted },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return handler;
    }
}
