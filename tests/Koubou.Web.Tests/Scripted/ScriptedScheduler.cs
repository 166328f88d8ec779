using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Koubou.Web.Tests.Scripted;

/// <summary>A <see cref="ScriptedQueue"/> on a real Kestrel; can go away and come back on the same port.</summary>
public sealed class ScriptedScheduler : IAsyncDisposable
{
    private WebApplication? _app;
    private int _port;

    public ScriptedQueue Queue { get; } = new();

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public static async Task<ScriptedScheduler> StartAsync()
    {
        var scheduler = new ScriptedScheduler();
        await scheduler.OpenAsync();
        return scheduler;
    }

    public async Task OpenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, _port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(Queue);
        _app = builder.Build();
        _app.MapGrpcService<ScriptedQueue>();
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    /// <summary>Breaks all streams and frees the port's listener, as a killed scheduler does.</summary>
    public async Task CloseAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            using var atOnce = new CancellationTokenSource();
            await atOnce.CancelAsync();
            await app.StopAsync(atOnce.Token);
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
