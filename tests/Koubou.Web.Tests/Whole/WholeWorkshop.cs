using Grpc.Net.Client;
using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;

namespace Koubou.Web.Tests.Whole;

/// <summary>
/// The real services, each its own process: scheduler on a database, a worker node with its demo, dashboard, gateway. The
/// browser comes in by the gateway's door, as people do.
/// </summary>
public sealed class WholeWorkshop(Chromium chromium) : IAsyncLifetime
{
    public const string Collection = "Whole";
    public const string MasterKey = "the-key-of-the-master";
    public const string VisitorKey = "the-key-of-a-visitor";
    private readonly string _home = Directory.CreateTempSubdirectory("koubou-whole-").FullName;
    private readonly List<ServiceProcess> _services = [];
    private readonly List<IBrowserContext> _contexts = [];
    private GrpcChannel? _channel;
    private ServiceProcess? _gateway;

    public Uri Gateway { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>The same dashboard behind a gateway that asks for keys.</summary>
    public Uri Keyed { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>A gateway whose dashboard is away.</summary>
    public Uri Webless { get; private set; } = new("http://127.0.0.1:0");

    public string Scheduler { get; private set; } = "";

    public TaskQueue.TaskQueueClient Queue => new(_channel);

    public async ValueTask InitializeAsync()
    {
        var grpc = FreePort.Next();
        var scheduler = $"http://127.0.0.1:{grpc}";
        await StartAsync("Koubou.Scheduler", ("KOUBOU_GRPC_PORT", $"{grpc}"), ("Koubou__TaskTypes__brittle__AttemptsMax", "1"));
        Scheduler = scheduler;
        _channel = GrpcChannel.ForAddress(scheduler);
        await StartAsync(
            "Koubou.Worker",
            ("Koubou__Scheduler__Address", scheduler), ("Koubou__Worker__NodeId", "worker-01"), ("Koubou__Worker__Capabilities", "general"), ("Koubou__Worker__Demo__PieceDelay", "00:00:00.05"));
        var web = await StartAsync("Koubou.Web", ("Koubou__Scheduler__Address", scheduler));
        Gateway = await StartGatewayAsync(scheduler, web.Address);
        _gateway = _services[^1];
        // Nothing listens there.
        Webless = await StartGatewayAsync(scheduler, new Uri("http://127.0.0.1:9"));
        Keyed = await StartGatewayAsync(
            scheduler,
            web.Address,
            ("Koubou__Gateway__ApiKeys__0__Name", "master"),
            ("Koubou__Gateway__ApiKeys__0__Key", MasterKey),
            ("Koubou__Gateway__ApiKeys__1__Name", "visitor"),
            ("Koubou__Gateway__ApiKeys__1__Key", VisitorKey),
            ("Koubou__Gateway__ApiKeys__1__Scopes", "read"));
    }

    public async Task<IBrowserContext> NewContextAsync(string language = "en", ColorScheme theme = ColorScheme.Light, int width = 1280)
    {
        var context = await chromium.Browser.NewContextAsync(
            new() { Locale = language, ColorScheme = theme, ViewportSize = new() { Width = width, Height = 800 } });
        _contexts.Add(context);
        return context;
    }

    public async Task<IPage> OpenAsync(string path = "")
    {
        var page = await (await NewContextAsync()).NewPageAsync();
        await page.GotoAsync($"{Gateway}dashboard{path}");
        await page.Locator("[data-link=live]").WaitForAsync();
        await page.Locator("html[data-interactive]").WaitForAsync();
        return page;
    }

    /// <summary>One more worker node, with settings of its own; it leaves when it is disposed.</summary>
    public Task<ServiceProcess> StartNodeAsync(string id, params (string Name, string Value)[] environment)
    {
        var all = environment.ToDictionary(pair => pair.Name, pair => pair.Value);
        all["Koubou__Scheduler__Address"] = Scheduler;
        all["Koubou__Worker__NodeId"] = id;
        return ServiceProcess.StartAsync("Koubou.Worker", _home, all);
    }

    /// <summary>The C# files of projects.</summary>
    public static IEnumerable<string> SourcesOf(params string[] projects) => projects
        .Select(project => Path.Combine(Repository, project))
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Select(File.ReadAllText);

    /// <summary>The log files of the services in which a text stands.</summary>
    public IEnumerable<string> LogsWith(string text) => Directory
        .EnumerateFiles(Path.Combine(_home, "logs"), "*", SearchOption.AllDirectories)
        .Where(file =>
        {
            // Their writers hold them open.
            using var log = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return log.ReadToEnd().Contains(text, StringComparison.Ordinal);
        });

    /// <summary>Ends the gateway as a crash does; it comes back at the same address.</summary>
    public Task KillGatewayAsync() => _gateway!.KillAsync();

    public Task OpenGatewayAsync() => _gateway!.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        _channel?.Dispose();
        foreach (var service in Enumerable.Reverse(_services))
        {
            await service.DisposeAsync();
        }

        Directory.Delete(_home, recursive: true);
    }

    private static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "Koubou.Aspire.sln")))
            {
                folder = folder.Parent;
            }

            return folder.FullName;
        }
    }

    private async Task<Uri> StartGatewayAsync(string scheduler, Uri web, params (string Name, string Value)[] keys) => (await StartAsync(
        "Koubou.Gateway",
        [
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{FreePort.Next()}"),
            ("KOUBOU_WS_PORT", $"{FreePort.Next()}"),
            ("KOUBOU_GRAPHQL_PORT", $"{FreePort.Next()}"),
            ("Koubou__Scheduler__Address", scheduler),
            ("Koubou__Web__Address", web.ToString()),
            .. keys,
        ])).Address;

    private async Task<ServiceProcess> StartAsync(string name, params (string Name, string Value)[] environment)
    {
        var service = await ServiceProcess.StartAsync(name, _home, environment.ToDictionary(pair => pair.Name, pair => pair.Value));
        _services.Add(service);
        return service;
    }
}

[CollectionDefinition(WholeWorkshop.Collection)]
public sealed class WholeWorkshopCollection : ICollectionFixture<WholeWorkshop>;
