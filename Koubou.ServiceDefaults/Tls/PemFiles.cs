using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Koubou.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;

namespace Koubou.ServiceDefaults.Tls;

/// <summary>Certificates from the PEM files that configuration names; what is wrong with one is told by its setting.</summary>
public static class PemFiles
{
    /// <summary>A certificate with its key; null when neither setting is there.</summary>
    public static X509Certificate2? ReadCertificate(IConfiguration configuration, string certificateKey, string keyKey)
    {
        var (certificate, key) = (configuration[certificateKey], configuration[keyKey]);
        if (string.IsNullOrEmpty(certificate) != string.IsNullOrEmpty(key))
        {
            throw new SettingException($"{certificateKey} and {keyKey} belong together: two PEM files, or neither.");
        }

        return string.IsNullOrEmpty(certificate)
            ? null
            : Read(certificateKey, certificate, () =>
            {
                // Windows cannot use a key that lives in memory alone; by way of PKCS #12 it can.
                using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
                return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            });
    }

    /// <summary>The authorities that certificates of the other side must come from; null when the setting is not there.</summary>
    public static X509Certificate2Collection? ReadAuthorities(IConfiguration configuration, string key)
    {
        var path = configuration[key];
        return string.IsNullOrEmpty(path)
            ? null
            : Read(key, path, () =>
            {
                var authorities = new X509Certificate2Collection();
                authorities.ImportFromPemFile(path);
                return authorities.Count > 0 ? authorities : throw new CryptographicException("It holds no certificate.");
            });
    }

    /// <summary>Whether these authorities, and no others, vouch for a certificate. Names are checked elsewhere.</summary>
    public static bool Vouch(this X509Certificate2Collection authorities, X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);

        // An authority of one's own publishes no list of revocations.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var link in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(link.Certificate);
        }

        return chain.Build(certificate);
    }

    private static T Read<T>(string setting, string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingException(
                $"{setting} names {path}, which cannot be used: {error.Message} Needed is a file in PEM form.");
        }
    }
}
