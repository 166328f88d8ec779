using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Koubou.ServiceDefaults.Tls;
using Microsoft.Extensions.Configuration;

namespace Koubou.ServiceDefaults.Scheduling;

/// <summary>
/// What a service shows to a scheduler at an <c>https://</c> address, and whom it takes for one. Without settings the
/// authorities of this machine decide, and nothing is shown.
/// </summary>
internal static class SchedulerTls
{
    public const string AuthorityKey = "Koubou:Scheduler:Ca";
    public const string CertificateKey = "Koubou:Scheduler:ClientCertificate";
    public const string PrivateKeyKey = "Koubou:Scheduler:ClientKey";

    public static SslClientAuthenticationOptions Read(IConfiguration configuration)
    {
        var options = new SslClientAuthenticationOptions();
        if (PemFiles.ReadCertificate(configuration, CertificateKey, PrivateKeyKey) is { } own)
        {
            options.ClientCertificates = [own];
        }

        if (PemFiles.ReadAuthorities(configuration, AuthorityKey) is { } authorities)
        {
            // Only who vouches changes: a certificate for another host, or none at all, is refused as ever.
            options.RemoteCertificateValidationCallback = (_, certificate, chain, faults) =>
                (faults & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                && certificate is X509Certificate2 shown
                && authorities.Vouch(shown, chain);
        }

        return options;
    }
}
