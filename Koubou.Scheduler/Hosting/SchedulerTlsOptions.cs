using System.Security.Cryptography.X509Certificates;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Koubou.Scheduler.Hosting;

/// <summary>
/// TLS of the gRPC port. With a certificate the port speaks nothing else; with <c>ClientCa</c> it also asks every service
/// and worker node for a certificate of that authority (mutual TLS).
/// </summary>
internal static class SchedulerTlsOptions
{
    public const string CertificateKey = "Koubou:Scheduler:Tls:Certificate";
    public const string PrivateKeyKey = "Koubou:Scheduler:Tls:Key";
    public const string ClientAuthorityKey = "Koubou:Scheduler:Tls:ClientCa";

    /// <summary>Puts what configuration says on the port; without a certificate nothing.</summary>
    public static Action<ListenOptions> Read(IConfiguration configuration)
    {
        var certificate = PemFiles.ReadCertificate(configuration, CertificateKey, PrivateKeyKey);
        var authorities = PemFiles.ReadAuthorities(configuration, ClientAuthorityKey);
        if (certificate is null)
        {
            return authorities is null
                ? _ => { }
                : throw new SettingException(
                    $"{ClientAuthorityKey} is set without {CertificateKey}: who is asked for a certificate must be shown one.");
        }

        return listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            if (authorities is not null)
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (shown, chain, _) => authorities.Vouch(shown, chain);
            }
        });
    }
}
