using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>
/// A certificate authority for one run, and the certificate of localhost that it signed, as PEM files. Both are valid for a day.
/// </summary>
public sealed class LoopbackCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("certificate-");

    private LoopbackCertificate()
    {
    }

    /// <summary>What a client has to trust; a process of .NET does by the variable <c>SSL_CERT_FILE</c>.</summary>
    public string AuthorityFile => Path.Combine(_folder.FullName, "authority.pem");

    /// <summary>The server's certificate, with the authority's behind it.</summary>
    public string ChainFile => Path.Combine(_folder.FullName, "chain.pem");

    /// <summary>The server's key.</summary>
    public string KeyFile => Path.Combine(_folder.FullName, "key.pem");

    public static LoopbackCertificate Make()
    {
        var made = new LoopbackCertificate();
        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = (now.AddDays(-1), now.AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=authority of a run", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        authorityRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.Create(authority, from, to, [1, 2, 3, 4]);

        File.WriteAllText(made.AuthorityFile, authority.ExportCertificatePem());
        File.WriteAllText(made.ChainFile, certificate.ExportCertificatePem() + "\n" + authority.ExportCertificatePem());
        File.WriteAllText(made.KeyFile, key.ExportPkcs8PrivateKeyPem());
        return made;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
