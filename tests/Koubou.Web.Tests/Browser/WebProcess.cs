namespace Koubou.Web.Tests.Browser;

/// <summary>The real dashboard as its own process, on a free port, with a home of its own.</summary>
public sealed class WebProcess : IAsyncDisposable
{
    private readonly string _home;
    private readonly ServiceProcess _process;

    private WebProcess(string home, ServiceProcess process)
    {
        _home = home;
        _process = process;
    }

    public Uri Address => _process.Address;

    public Uri Dashboard => new(Address, "/dashboard");

    public static async Task<WebProcess> StartAsync(Uri scheduler)
    {
        var home = Directory.CreateTempSubdirectory("koubou-web-").FullName;
        return new WebProcess(home, await ServiceProcess.StartAsync("Koubou.Web", home, new Dictionary<string, string>
        {
            ["Koubou__Scheduler__Address"] = scheduler.ToString(),
            ["Koubou__Web__Live__DayInterval"] = "00:00:01",
            ["Koubou__Web__TraceViewer__Address"] = "http://traces.example/trace/{traceId}",

            // A long tail makes axe and the browser slow, and shows nothing that a short one does not.
            ["Koubou__Web__Live__EventsMax"] = "60",
        }));
    }

    public int ProcessId => _process.ProcessId;

    public Task OpenAsync() => _process.OpenAsync();

    /// <summary>Ends the process as a crash does.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }
}
