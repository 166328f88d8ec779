using System.Collections.Concurrent;
using Koubou.Gateway.Binding;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Koubou.Gateway.Tests.Workshop;

/// <summary>The real gateway on real Kestrel at free ports, started through its own Program.</summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly Factory _factory;

    private GatewayHost(Factory factory, Uri[] addresses)
    {
        _factory = factory;
        Main = addresses[0];
        WebSocket = addresses[1];
        GraphQl = addresses[2];
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = Main };
    }

    public Uri Main { get; }

    public Uri WebSocket { get; }

    public Uri GraphQl { get; }

    /// <summary>Speaks to the main door.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _factory.Services;

    /// <summary>Errors that the gateway logged; a test that expects none asks for none.</summary>
    public IReadOnlyCollection<string> Errors => _factory.Log.Errors;

    public static GatewayHost Start(string home, params (string Key, string Value)[] settings) =>
        Start(home, services => { }, settings);

    /// <param name="home">The workshop's home.</param>
    /// <param name="addServices">What a test adds to the gateway's own services.</param>
    /// <param name="settings">Settings above those of the gateway's files.</param>
    public static GatewayHost Start(
        string home, Action<IServiceCollection> addServices, params (string Key, string Value)[] settings)
    {
        var factory = new Factory(addServices,
        [
            ("KOUBOU_HOME", home),
            (WebHostDefaults.ServerUrlsKey, "http://127.0.0.1:0"),
            ("KOUBOU_WS_PORT", "0"),
            ("KOUBOU_GRAPHQL_PORT", "0"),
            .. settings,
        ]);
        factory.UseKestrel();
        factory.StartServer();
        var addresses = factory.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new GatewayHost(factory, [.. addresses.Select(address => new Uri(address.Replace("[::]", "127.0.0.1")))]);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _factory.DisposeAsync();
    }

    private sealed class Factory(Action<IServiceCollection> addServices, IReadOnlyList<(string Key, string Value)> settings)
        : WebApplicationFactory<Koubou.Gateway.Errors.Problem>
    {
        public ErrorLog Log { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }

            builder.ConfigureServices(addServices);
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
        }
    }

    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Errors { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            // The MCP library logs each refusal that a handler throws as an error, though it is an answer to the caller.
            if (logLevel >= LogLevel.Error && exception is not ModelContextProtocol.McpException)
            {
                Errors.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
