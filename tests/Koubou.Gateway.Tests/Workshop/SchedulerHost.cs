using System.Net;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Koubou.Contracts;
using Koubou.Scheduler.Hosting;
using Koubou.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Koubou.Gateway.Tests.Workshop;

/// <summary>The real scheduler on a real database, in this process; calls can be made to fail on purpose.</summary>
public sealed class SchedulerHost : IAsyncDisposable
{
    private readonly string _home;
    private readonly string[] _settings;
    private readonly FaultInjector _faults = new();
    private WebApplication _app;

    private SchedulerHost(string home, string[] settings, WebApplication app)
    {
        _home = home;
        _settings = settings;
        _app = app;
    }

    public int Port { get; private set; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <param name="home">The workshop's home.</param>
    /// <param name="settings">Settings as on a command line; by default every data policy is allowed to all.</param>
    public static async Task<SchedulerHost> StartAsync(string home, params string[] settings)
    {
        var host = new SchedulerHost(home, settings.Length > 0 ? settings : ["--Queue:Limits:LoosestDataPolicy=Any"], null!);
        await host.StartAppAsync(0);
        return host;
    }

    /// <summary>Every later call of that method fails so, until the result is disposed.</summary>
    public IDisposable Fail(string method, RpcException error) => _faults.Add(method, error);

    public Task StopAsync() => _app.StopAsync();

    /// <summary>Comes back at the same port on the same database.</summary>
    public async Task RestartAsync()
    {
        await _app.DisposeAsync();
        await StartAppAsync(Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task StartAppAsync(int port)
    {
        List<string> args = [$"--KOUBOU_HOME={_home}", .. _settings];
        args.AddRange(Enumerable.Range(0, WorkshopFixture.TypesMax).Select(i => $"--Koubou:TaskTypes:t{i}:AttemptsMax=1"));
        var builder = WebApplication.CreateBuilder([.. args]);
        builder.AddServiceDefaults("scheduler");
        builder.Logging.ClearProviders();
        builder.AddTaskQueue();
        builder.Services.AddSingleton(_faults);
        builder.Services.AddGrpc(options => options.Interceptors.Add<FaultInjector>());
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapTaskQueue();
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Port = new Uri(addresses.Single()).Port;
    }

    private sealed class FaultInjector : Interceptor
    {
        private readonly Lock _lock = new();
        private readonly List<(string Method, RpcException Error)> _faults = [];

        public IDisposable Add(string method, RpcException error)
        {
            lock (_lock)
            {
                _faults.Add((method, error));
            }

            return new Removal(this, error);
        }

        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            lock (_lock)
            {
                foreach (var (method, error) in _faults)
                {
                    if (context.Method.EndsWith("/" + method, StringComparison.Ordinal))
                    {
                        throw error;
                    }
                }
            }

            return continuation(request, context);
        }

        private sealed class Removal(FaultInjector injector, RpcException error) : IDisposable
        {
            public void Dispose()
            {
                lock (injector._lock)
                {
                    injector._faults.RemoveAll(fault => fault.Error == error);
                }
            }
        }
    }
}
