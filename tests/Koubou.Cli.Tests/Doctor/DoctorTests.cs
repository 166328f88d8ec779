using System.Net;
using System.Net.Sockets;
using Koubou.Cli.Tests.Harness;
using Koubou.Gateway.Tests.Workshop;
using Koubou.OllamaStandIn;

namespace Koubou.Cli.Tests.Doctor;

public sealed class DoctorTests(WorkshopFixture workshop) : IDisposable
{
    private static readonly Uri Nobody = new("http://127.0.0.1:9");

    private readonly string _home = Directory.CreateTempSubdirectory("koubou-doctor-").FullName;

    [Fact]
    public async Task Doctor_WithNothingRunning_NamesEachCommand()
    {
        var run = await LookAsync(Nobody, [], ("OLLAMA_HOST", "127.0.0.1:9"), ("Koubou__Queue", "redis"), ("ConnectionStrings__redis", "127.0.0.1:9"));

        Assert.Equal(1, run.Code);
        Expect(run, "error    gateway: nothing answers at http://127.0.0.1:9/", "dotnet run --project Koubou.AppHost");
        Expect(run, "error    redis: Redis does not answer at 127.0.0.1:9", "redis-server");
        Expect(run, "error    ollama: Ollama is not running at http://127.0.0.1:9", "ollama serve");
        Assert.Contains("Mend the topmost first", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_WithoutTheModel_SaysHowToPullIt()
    {
        await using var ollama = await StandInServer.StartAsync();

        var run = await LookAsync(Nobody, [], ("OLLAMA_HOST", ollama.Address.Authority));

        Expect(run, $"error    ollama: Ollama at http://{ollama.Address.Authority} does not have the model gemma2:2b", "ollama pull gemma2:2b");
    }

    [Fact]
    public async Task Doctor_OfARunningWorkshop_SaysWhatItSaysOfItself()
    {
        await using var other = await WorkshopFixture.StartAsync();
        await using var ollama = await StandInServer.StartAsync();
        ollama.Models["gemma2:2b"] = new StandInModel("gemma2:2b", null, null);

        var alone = await LookAsync(other.Gateway.Main, [], ("OLLAMA_HOST", ollama.Address.Authority));
        var type = other.NewType();
        await using var node = await other.JoinAsync(type);
        await other.SubmitAsync(type);
        await node.TakeAsync();
        var joined = await LookAsync(other.Gateway.Main, ["--json"], ("OLLAMA_HOST", ollama.Address.Authority));

        Assert.Equal(1, alone.Code);
        Expect(alone, "error    workshop: No worker node is connected", "dotnet run --project Koubou.Worker");
        Assert.Equal(0, joined.Code);
        Assert.True(joined.Json.GetProperty("healthy").GetBoolean());
        Assert.Contains(
            joined.Json.GetProperty("findings").EnumerateArray(),
            finding => finding.Text("subject") == "ollama" && finding.Text("message").EndsWith("has gemma2:2b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_WhenAnotherProgramHoldsAPort_NamesIt()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;

        var run = await LookAsync(Nobody, [], ("Koubou__Ports__WebSocket", $"{port}"), ("Koubou__Ports__GraphQL", "0"));

        Expect(run, $"error    gateway: port {port}, for WebSocket, is held by another program", $"sport = :{port}");
    }

    [Fact]
    public async Task Doctor_WithLittleMemoryForTheCraftsmen_NamesMaxWorkers()
    {
        var run = await LookAsync(Nobody, [], ("Koubou__Workers__MaxWorkers", "100000"));

        Expect(run, "warning  memory: ", "-- --max-workers ");
    }

    [Fact]
    public async Task Doctor_OfSettingsThatAreNoJson_NamesTheFile()
    {
        Directory.CreateDirectory(Path.Combine(_home, "config"));
        await File.WriteAllTextAsync(Path.Combine(_home, "config", "koubou.json"), "{ \"Koubou\": ");

        var run = await LookAsync(Nobody, []);

        Expect(run, $"error    home: {_home}/config/koubou.json cannot be read", "mend the JSON");
    }

    [Fact]
    public async Task Doctor_WhenAServiceDied_ShowsItsLastError()
    {
        Directory.CreateDirectory(Path.Combine(_home, "logs"));
        await File.WriteAllTextAsync(Path.Combine(_home, "logs", "scheduler.log"), """
            2026-11-27 04:11:53.120 +00:00 INF Koubou.Scheduler Started
            2026-11-27 04:11:54.120 +00:00 ERR Koubou.Scheduler.Stores The disk is full
               at Somewhere.In.TheStack()

            """);
        await File.WriteAllTextAsync(
            Path.Combine(_home, "logs", "gateway.log"), "2026-11-27 04:11:53.120 +00:00 INF Koubou.Gateway Stopped\n");

        var run = await LookAsync(Nobody, []);

        Expect(run, "warning  logs: scheduler.log ends with an error: 2026-11-27 04:11:54.120 +00:00 ERR Koubou.Scheduler.Stores The disk is full", "tail");
        Assert.DoesNotContain("gateway.log ends", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "ok       codex: codex-cli 9.9; its sandbox lets it read only", "workspace-write")]
    [InlineData("1", "error    codex: codex-cli 9.9 cannot set up its sandbox on this machine", "CODEX_UNSAFE_ALLOW_NO_SANDBOX=1")]
    public async Task Doctor_OfCodex_TriesItsSandbox(string code, string expected, string remedy)
    {
        var codex = Path.Combine(_home, "codex");
        await File.WriteAllTextAsync(codex, $"#!/bin/sh\n[ \"$1\" = sandbox ] && exit {code}\necho codex-cli 9.9\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(codex, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var run = await LookAsync(Nobody, [], ("Koubou__Worker__Codex__Command", codex));
        var free = await LookAsync(Nobody, [], ("Koubou__Worker__Codex__Command", codex), ("CODEX_UNSAFE_ALLOW_NO_SANDBOX", "1"));

        Expect(run, expected, remedy);
        Expect(free, "warning  codex: codex-cli 9.9 runs without its sandbox", "unset CODEX_UNSAFE_ALLOW_NO_SANDBOX");
    }

    [Fact]
    public async Task Doctor_WhereCodexIsWantedAndMissing_SaysHowToInstallIt()
    {
        var run = await LookAsync(Nobody, [], ("Koubou__Worker__Codex__Enabled", "true"), ("Koubou__Worker__Codex__Command", "/nothing/codex"));

        Expect(run, "error    codex: '/nothing/codex' was not found", "npm install -g @openai/codex");
    }

    [Fact]
    public async Task Doctor_OfALockedWorkshop_AsksForTheKey()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:ApiKeys:0", "a-key-only-for-this-test"));

        var run = await LookAsync(gateway.Main, []);

        Assert.Equal(1, run.Code);
        Assert.Contains("KOUBOU_API_KEY", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private static void Expect(Run run, string finding, string remedy)
    {
        var lines = run.Lines.ToList();
        var at = lines.FindIndex(line => line.StartsWith(finding, StringComparison.Ordinal));
        Assert.True(at >= 0, $"'{finding}' is not in:\n{run.Output}{run.Notes}");
        Assert.Contains(remedy, lines[at] + lines[Math.Min(at + 1, lines.Count - 1)], StringComparison.Ordinal);
    }

    private Task<Run> LookAsync(Uri url, string[] arguments, params (string Name, string? Value)[] environment) =>
        KoubouProgram.RunAsync(url, ["doctor", .. arguments], "", [("KOUBOU_HOME", _home), .. environment]);
}
