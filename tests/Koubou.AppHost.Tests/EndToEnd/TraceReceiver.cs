using Grpc.Core;
using Koubou.AppHost.Tests.EndToEnd.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>Receives spans by OTLP over gRPC, as a collector does.</summary>
internal sealed class TraceReceiver : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly List<Span> _spans = [];
    private readonly SemaphoreSlim _arrived = new(0);

    private TraceReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapGrpcService<Service>();
    }

    public string Address => _app.Urls.Single();

    public static async Task<TraceReceiver> StartAsync()
    {
        var receiver = new TraceReceiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>The spans of the trace that holds a span of each of these names, once all are there.</summary>
    public async Task<IReadOnlyList<Span>> WaitForTraceAsync(params string[] names)
    {
        using var over = new CancellationTokenSource(_patience);
        while (true)
        {
            if (FindTrace(names) is { } trace)
            {
                return trace;
            }

            try
            {
                await _arrived.WaitAsync(over.Token);
            }
            catch (OperationCanceledException late)
            {
                throw new TimeoutException("Spans seen: " + string.Join(", ", Snapshot().Select(span => span.Name)), late);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _arrived.Dispose();
    }

    private List<Span>? FindTrace(string[] names) => Snapshot()
        .GroupBy(span => span.TraceId)
        .Select(trace => trace.ToList())
        .FirstOrDefault(trace => names.All(name => trace.Exists(span => span.Name == name)));

    private Span[] Snapshot()
    {
        lock (_spans)
        {
            return [.. _spans];
        }
    }

    private void Add(IEnumerable<Span> spans)
    {
        lock (_spans)
        {
            _spans.AddRange(spans);
        }

        _arrived.Release();
    }

    internal sealed class Service(TraceReceiver receiver) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(
            ExportTraceServiceRequest request, ServerCallContext context)
        {
            receiver.Add(request.ResourceSpans.SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans));
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }
}
