using Koubou.Contracts;
using Koubou.OllamaStandIn;
using Koubou.Worker.Backends.Demo;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Backends.Demo;

public sealed class DemoBackendTests
{
    [Fact]
    public async Task Demo_WithoutAnyModel_AnswersMarkedAsSimulated()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await NodeHarness.StartAsync(scheduler);
        var session = await scheduler.SessionAsync();

        var first = await session.CompletedAsync(await session.AssignAsync(Specs.General("Explain leases")));
        var second = await session.CompletedAsync(await session.AssignAsync(Specs.General("Explain leases")));

        Assert.StartsWith("[simulated]", first.Output, StringComparison.Ordinal);
        Assert.Contains("Explain leases", first.Output, StringComparison.Ordinal);
        Assert.True(first.Facts.Simulated);
        Assert.Equal("demo", first.Facts.Backend);
        Assert.Equal(first.Output, second.Output);
    }

    [Fact]
    public async Task Demo_WhenOllamaAppears_NeverAnswersAgain()
    {
        var port = FreePort.Next();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await NodeHarness.StartAsync(scheduler, values =>
        {
            values["Koubou:Worker:Ollama:Endpoint"] = $"http://127.0.0.1:{port}";
            values["Koubou:Worker:Ollama:ProbeInterval"] = "00:00:00.050";
        });
        var session = await scheduler.SessionAsync();
        var before = await session.CompletedAsync(await session.AssignAsync(Specs.General()));

        var ollama = await StandInServer.StartAsync(port);
        ollama.AddModel("gemma2:2b");
        await session.Frames.FirstAsync(frame => frame.Offer?.Backends.Any(b => b.Kind == "ollama") == true, Patience.Limit);
        var after = await session.CompletedAsync(await session.AssignAsync(Specs.General()));
        await ollama.DisposeAsync();
        await session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(b => b.Kind == "ollama" && !b.Healthy) == true, Patience.Limit);
        var gone = await session.GivenBackAsync(await session.AssignAsync(Specs.General()));

        Assert.True(before.Facts.Simulated);
        Assert.False(after.Facts.Simulated);

        // Whether a connection of before breaks or a new one is refused is the network's to say.
        Assert.StartsWith("backend_", gone.Reason.Code, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_WantedByNameWhereOllamaIs_IsRefused()
    {
        await using var ollama = await StandInServer.StartAsync();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await NodeHarness.StartAsync(scheduler, NodeHarness.With(ollama));
        var session = await scheduler.SessionAsync();
        var spec = Specs.General();
        spec.Backend = "demo";

        var failed = await session.FailedAsync(await session.AssignAsync(spec));

        Assert.Equal("demo_refused", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
    }

    [Theory]
    [InlineData("Create a Python function for fibonacci", "def create_python_function")]
    [InlineData("", "prose")]
    [InlineData("フィボナッチの関数を書いて", "def answer")]
    public void Text_FitsThePrompt(string prompt, string expected) =>
        Assert.Contains(expected, DemoText.For(prompt), StringComparison.Ordinal);
}
