using System.Net;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.OllamaStandIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Koubou.Worker.Tests.Harness;

/// <summary>A real gRPC server that plays the scheduler as the test tells it.</summary>
public sealed class ScriptedScheduler : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedScheduler(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public SignalLog<SchedulerSession> Sessions { get; } = new();

    /// <summary>Confirms final reports by itself. Default: true.</summary>
    public bool Confirms { get; set; } = true;

    public ReportOutcome Outcome { get; set; } = ReportOutcome.Accepted;

    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    public List<TaskType> TaskTypes { get; } = [];

    public ArtifactBox Artifacts => _app.Services.GetRequiredService<ArtifactBox>();

    /// <summary>Which of the leases in a hello are kept. Default: all.</summary>
    public Func<HeldLease, bool> Keeps { get; set; } = _ => true;

    /// <summary>Refuses the stream. Null: welcomes it.</summary>
    public RpcException? Refusal { get; set; }

    public static async Task<ScriptedScheduler> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = 64 * 1024 * 1024);
        builder.Services.AddSingleton<Service>();
        builder.Services.AddSingleton<ArtifactBox>();
        var app = builder.Build();
        app.MapGrpcService<Service>();
        app.MapGrpcService<ArtifactBox>();
        var scheduler = new ScriptedScheduler(app);
        app.Services.GetRequiredService<Service>().Owner = scheduler;
        await app.StartAsync();
        return scheduler;
    }

    public Task<SchedulerSession> SessionAsync(int number = 1) =>
        Sessions.FirstAsync(session => session.Number == number, Patience.Limit);

    public async ValueTask DisposeAsync()
    {
        foreach (var session in Sessions.Items)
        {
            session.Break();
        }

        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private sealed class Service : WorkerGateway.WorkerGatewayBase
    {
        public ScriptedScheduler Owner { get; set; } = null!;

        public override async Task Connect(
            IAsyncStreamReader<NodeMessage> requestStream, IServerStreamWriter<SchedulerMessage> responseStream,
            ServerCallContext context)
        {
            if (Owner.Refusal is { } refusal)
            {
                throw refusal;
            }

            Assert.True(await requestStream.MoveNext(context.CancellationToken));
            var session = new SchedulerSession(Owner, Owner.Sessions.Items.Count + 1, requestStream.Current.Hello, responseStream);
            await session.WelcomeAsync();
            Owner.Sessions.Add(session);
            await session.RunAsync(requestStream, context.CancellationToken);
        }
    }
}
