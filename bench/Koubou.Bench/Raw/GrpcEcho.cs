using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Koubou.Contracts;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Koubou.Bench.Raw;

/// <summary>What gRPC itself gives: one small message there and back on one stream, between two processes.</summary>
internal sealed class GrpcEcho : WorkerGateway.WorkerGatewayBase
{
    private const int WarmUp = 2_000;
    private const int Rounds = 10_000;

    public override async Task Connect(
        IAsyncStreamReader<NodeMessage> requestStream,
        IServerStreamWriter<SchedulerMessage> responseStream,
        ServerCallContext context)
    {
        await foreach (var _ in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(new SchedulerMessage { Drain = true });
        }
    }

    /// <summary>Serves until standard input closes; prints its port.</summary>
    public static async Task ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        await using var app = builder.Build();
        app.MapGrpcService<GrpcEcho>();
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.Single()).Port);
        await Console.In.ReadToEndAsync();
    }

    public static async Task MeasureAsync(Report report)
    {
        using var server = Processes.Start(Processes.Self, ["echo"]);
        var port = await server.StandardOutput.ReadLineAsync();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        using var call = new WorkerGateway.WorkerGatewayClient(channel).Connect();
        var trips = new double[Rounds];
        for (var round = -WarmUp; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await call.RequestStream.WriteAsync(new NodeMessage { Credit = 1 });
            await call.ResponseStream.MoveNext(CancellationToken.None);
            if (round >= 0)
            {
                trips[round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        Array.Sort(trips);
        report.Add("raw_grpc_stream_round_trip_p50", trips[Rounds / 2], "µs", "none");
        server.StandardInput.Close();
        await server.WaitForExitAsync();
    }
}
