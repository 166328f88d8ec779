using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Koubou.Gateway.Tests.Tls;

/// <summary>An authority of this test's own, whose certificates are real and trusted by nobody else.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly string _folder;

    public TestAuthority(string name)
    {
        _folder = Directory.CreateTempSubdirectory("koubou-tls-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var now = TimeProvider.System.GetUtcNow();
        _authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        Path = System.IO.Path.Combine(_folder, "ca.pem");
        File.WriteAllText(Path, _authority.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate, as PEM.</summary>
    public string Path { get; }

    /// <summary>The authority's own certificate.</summary>
    public X509Certificate2 Certificate => _authority;

    /// <summary>A certificate for this machine, or for a name, as two PEM files.</summary>
    public (string Certificate, string Key) Issue(string name, params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        if (hosts.Length > 0)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(
            _authority, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        var paths = (System.IO.Path.Combine(_folder, $"{name}.pem"), System.IO.Path.Combine(_folder, $"{name}.key"));
        File.WriteAllText(paths.Item1, certificate.ExportCertificatePem());
        File.WriteAllText(paths.Item2, key.ExportPkcs8PrivateKeyPem());
        return paths;
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
