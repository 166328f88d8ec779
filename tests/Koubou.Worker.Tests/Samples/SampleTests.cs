using System.Net;
using System.Net.Sockets;
using Koubou.Contracts;
using Koubou.OllamaStandIn;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Samples;

/// <summary>The samples work as they stand, for whoever starts from them.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task CustomWorker_CountsWords()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        var program = Path.Combine(
            SampleProcess.Root, "samples", "CustomWorker", "bin", SampleProcess.Configuration, "net10.0", "CustomWorker.dll");
        await using var sample = new SampleProcess(
            "dotnet", "exec", program, "--scheduler", scheduler.Address, "--node-id", "sample", "--capabilities", "count-words");
        var session = await scheduler.SessionAsync();

        var completed = await session.CompletedAsync(await session.AssignAsync(Spec("count-words", "to be or not to be")));
        var failed = await session.FailedAsync(await session.AssignAsync(Spec("count-words", " ")));

        Assert.Equal("2 to\n2 be\n1 or\n1 not\n", completed.Output);
        Assert.Equal("""{"to":2,"be":2,"or":1,"not":1}""", completed.StructuredOutput);
        Assert.Equal(["count-words"], session.Hello.Offer.Capabilities);
        Assert.Equal(["count-words"], session.Hello.Offer.OwnTypes);
        Assert.Equal("nothing_to_count", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
    }

    [Fact]
    public async Task PythonWorker_FromTheProtoFilesAlone_Works()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        // Debian's own: that is where test.sh installs grpcio.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        await using var sample = new SampleProcess(
            python, Path.Combine(SampleProcess.Root, "samples", "python-worker", "worker.py"),
            "--scheduler", new Uri(scheduler.Address).Authority, "--node-id", "python");
        var session = await scheduler.SessionAsync();

        var completed = await session.CompletedAsync(await session.AssignAsync(Spec("shout", "hello")));
        var failed = await session.FailedAsync(await session.AssignAsync(Spec("shout", "")));
        await session.Credits.FirstAsync(_ => session.Credit == 2, Patience.Limit);

        Assert.Equal("HELLO!", completed.Output);
        Assert.Equal("bad_prompt", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
        Assert.Equal(2, session.Hello.Offer.SlotsMax);
        Assert.Equal(["shout"], session.Hello.Offer.OwnTypes);
    }

    [Fact]
    public async Task Node_WithAProxyInItsEnvironment_KeepsTasksAndPromptsFromIt()
    {
        await using var ollama = await StandInServer.StartAsync();
        ollama.AddModel("gemma2:2b");
        await using var scheduler = await ScriptedScheduler.StartAsync();
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var address = $"http://{proxy.LocalEndpoint}";
        var program = Path.Combine(
            SampleProcess.Root, "samples", "CustomWorker", "bin", SampleProcess.Configuration, "net10.0", "CustomWorker.dll");
        await using var sample = new SampleProcess(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["HTTP_PROXY"] = address, ["http_proxy"] = address, ["HTTPS_PROXY"] = address, ["ALL_PROXY"] = address,
                ["NO_PROXY"] = "", ["no_proxy"] = "",
            },
            "dotnet", "exec", program, "--scheduler", scheduler.Address, "--node-id", "sample",
            $"--Koubou:Worker:Ollama:Endpoint={ollama.Address}");
        var session = await scheduler.SessionAsync();

        var completed = await session.CompletedAsync(await session.AssignAsync(Spec("general", "the secret recipe")));

        Assert.Equal("ollama", completed.Facts.Backend);
        Assert.False(proxy.Pending());
    }

    private static TaskSpec Spec(string type, string prompt) => new() { Type = type, Prompt = prompt };
}
