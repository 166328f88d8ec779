using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Koubou.Gateway.Binding;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Binding;

/// <summary>The gateway as a process of its own, as a user starts it.</summary>
public sealed class StartTests(WorkshopFixture workshop)
{
    [Theory]
    [InlineData("Koubou__Gateway__Bind", "0.0.0.0", "Koubou:Gateway:ApiKeys is empty")]
    [InlineData("KOUBOU_WS_PORT", "many", "KOUBOU_WS_PORT is 'many'")]
    [InlineData("Koubou__Gateway__SchedulerTimeout", "0", "Koubou:Gateway:SchedulerTimeout must be")]
    [InlineData("Koubou__Gateway__Limits__TaskBodyBytesMax", "5", "Koubou:Gateway:Limits:TaskBodyBytesMax must be")]
    [InlineData("Koubou__Web__Address", "web", "Koubou:Web:Address is 'web'")]
    public async Task Start_BadConfiguration_EndsAndNamesKeyAndWhatIsAllowed(string key, string value, string expected)
    {
        var (code, output) = await RunAsync((key, value));

        Assert.NotEqual(0, code);
        Assert.Contains(expected, output);
    }

    [Fact]
    public async Task Start_PortTaken_EndsAndNamesThePort()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, output) = await RunAsync(("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"));

        Assert.NotEqual(0, code);
        Assert.Contains($"127.0.0.1:{port}", output);
    }

    private async Task<(int Code, string Output)> RunAsync(params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(DoorPlan).Assembly.Location])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KOUBOU_HOME"] = Path.Combine(workshop.Home, Guid.NewGuid().ToString("N"));
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["KOUBOU_WS_PORT"] = "0";
        start.Environment["KOUBOU_GRAPHQL_PORT"] = "0";
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        return (process.ExitCode, await output + await errors);
    }
}
