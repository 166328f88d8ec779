using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Doctor;

/// <summary>The gateway: does it answer, and is it one?</summary>
internal sealed class GatewayCheck : ICheck
{
    private const string Subject = "gateway";
    private const string Start = "dotnet run --project Koubou.AppHost";

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var finding = await AskAsync(patient, cancellationToken);
        yield return finding;
        if (patient.GatewayAnswers || !patient.IsHere || finding.Severity == Finding.Fine)
        {
            yield break;
        }

        // What holds its other doors' ports would keep it from starting.
        foreach (var (name, preset) in new[] { ("WebSocket", 8766), ("GraphQL", 8767) })
        {
            var port = int.TryParse(patient.Settings[$"Koubou:Ports:{name}"], out var configured) ? configured : preset;
            if (port > 0 && await IsHeldAsync(port, cancellationToken))
            {
                yield return Finding.Error(
                    Subject,
                    $"port {port}, for {name}, is held by another program",
                    $"ss -ltnp 'sport = :{port}' names it; end it, or set Koubou__Ports__{name}");
            }
        }
    }

    private static async Task<Finding> AskAsync(Patient patient, CancellationToken cancellationToken)
    {
        var address = patient.Gateway.Address;
        using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        look.CancelAfter(Patient.LookMax);
        try
        {
            var status = await patient.Gateway.GetAsync("status", WorkshopJson.Default.StatusJson, look.Token);
            patient.GatewayAnswers = true;
            return Finding.Ok(
                Subject, $"answers at {address}: version {status.Version}, queue {status.Engine}, {status.Nodes} worker nodes");
        }
        catch (WorkshopException error) when (error.IsAway)
        {
            return Finding.Error(Subject, $"nothing answers at {address}", Start);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Error(
                Subject, $"what listens at {address} does not answer", $"tail {Path.Combine(patient.Home.Logs, "gateway.log")}");
        }
        catch (Exception error) when (error is WorkshopException or System.Text.Json.JsonException)
        {
            return Finding.Error(Subject, error.Message.ReplaceLineEndings(" "));
        }
    }

    private static async Task<bool> IsHeldAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
