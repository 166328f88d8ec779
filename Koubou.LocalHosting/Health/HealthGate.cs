using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Koubou.LocalHosting.Health;

/// <summary>Waits until a service's health path answers as it should.</summary>
internal sealed class HealthGate : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Returns when all checks have passed once; a service without checks is healthy when it runs.</summary>
    public async Task WaitAsync(IEnumerable<HealthCheckAnnotation> checks, int replica, CancellationToken cancellationToken)
    {
        foreach (var check in checks)
        {
            var endpoint = check.Endpoint.Annotation;
            var address = new Uri(
                $"{endpoint.UriScheme}://{endpoint.TargetHost}:{endpoint.AllocatedPorts[replica]}{check.Path}");
            while (!await PassesAsync(address, check.StatusCode, cancellationToken))
            {
                await Task.Delay(_pause, cancellationToken);
            }
        }
    }

    /// <summary>Returns when each server has answered once as it should.</summary>
    public static async Task WaitAsync(IEnumerable<TcpHealthCheckAnnotation> checks, CancellationToken cancellationToken)
    {
        foreach (var check in checks)
        {
            while (!await PassesAsync(check, cancellationToken))
            {
                await Task.Delay(_pause, cancellationToken);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<bool> PassesAsync(TcpHealthCheckAnnotation check, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(check.Endpoint.Host, check.Endpoint.Port, cancellationToken);
            using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(check.Request), cancellationToken);
            var answer = new byte[check.Answer.Length];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return Encoding.ASCII.GetString(answer) == check.Answer;
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task<bool> PassesAsync(Uri address, int expected, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return (int)answer.StatusCode == expected;
        }
        catch (Exception fault) when (fault is HttpRequestException
            || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not listening yet, or too slow for one look.
            return false;
        }
    }
}
