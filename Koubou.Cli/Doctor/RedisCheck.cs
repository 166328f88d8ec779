using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Koubou.Cli.Doctor;

/// <summary>Redis, where the queue is kept in one.</summary>
internal sealed class RedisCheck : ICheck
{
    private const string Subject = "redis";
    private const int Port = 6379;

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var connection = patient.Settings.GetConnectionString("redis");
        var isWanted = string.Equals(patient.Settings["Koubou:Queue"], "redis", StringComparison.OrdinalIgnoreCase);
        if (!isWanted && string.IsNullOrWhiteSpace(connection))
        {
            yield break;
        }

        // Sample: redis-1:6379,redis-2:6379,password=…,ssl=true
        var parts = (connection ?? $"localhost:{Port}")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var server in parts.Where(part => !part.Contains('=', StringComparison.Ordinal)))
        {
            yield return await AskAsync(server, cancellationToken);
        }
    }

    private static async Task<Finding> AskAsync(string server, CancellationToken cancellationToken)
    {
        var at = server.LastIndexOf(':');
        var host = at > 0 ? server[..at] : server;
        var port = at > 0 && int.TryParse(server.AsSpan(at + 1), out var named) ? named : Port;
        using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        look.CancelAfter(Patient.LookMax);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host, port, look.Token);
            await using var stream = socket.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), look.Token);
            var answer = new byte[64];
            var length = await stream.ReadAsync(answer, look.Token);

            // Whether the password is right is the scheduler's to say; that it asks for one shows a Redis.
            return Encoding.ASCII.GetString(answer, 0, length) is ['+' or '-', ..]
                ? Finding.Ok(Subject, $"answers at {host}:{port}")
                : Finding.Error(Subject, $"what answers at {host}:{port} is no Redis, or wants TLS", "look at ConnectionStrings:redis");
        }
        catch (Exception error) when (
            error is SocketException or IOException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Finding.Error(
                Subject,
                $"Redis does not answer at {host}:{port}, so the queue cannot be read",
                "redis-server --appendonly yes, or name another in ConnectionStrings:redis");
        }
    }
}
