using Koubou.Cli.Tests.Harness;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Tasks;

public sealed class SubmitTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Submit_PrintsTheIdAlone_AndTheRestAsANote()
    {
        var type = workshop.NewType();

        var run = await workshop.DoAsync("submit", "Say hello.", "--type", type, "--priority", "8", "--label", "team=web");
        var record = await workshop.Http.ReadAsync($"/api/v1/tasks/{Assert.Single(run.Lines)}");

        Assert.Equal(("Say hello.", 8, "local"), (record["prompt"].GetString(), record["priority"].GetInt32(), record["client"].GetString()));
        Assert.Equal("web", record["labels"].Text("team"));
        Assert.StartsWith("queued, position ", run.Notes, StringComparison.Ordinal);
        Assert.Contains($"koubou watch {run.Lines[0]}", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_OfEveryOption_ReachesTheTask()
    {
        var type = workshop.NewType();
        var first = (await workshop.DoAsync("submit", "x", "--type", type, "--policy", "any")).Lines[0];
        var schema = Path.GetTempFileName();
        await File.WriteAllTextAsync(schema, """{"type":"object"}""");

        var run = await workshop.DoAsync(
            "submit", "x", "--type", type, "--policy", "any", "--schema", schema, "--depends-on", first, "--pass-outputs",
            "--system", "Be brief.", "--backend", "b", "--model", "m", "--option", "temperature=0.5", "--option", "sandbox=read-only",
            "--attempts", "2", "--timeout", "1.5m", "--not-before", "1h", "--deadline", "2030-01-31T08:00:00Z",
            "--idempotency-key", "once", "--batch", type, "--client", "night", "--json");
        File.Delete(schema);
        var task = (await workshop.Http.ReadAsync($"/api/v1/tasks/{run.Json.Text("id")}")).Body;

        Assert.Equal("blocked", run.Json.Text("state"));
        Assert.Equal(
            ("any", "Be brief.", "b", "m", 2, 90d, "once", type, "night"),
            (task.Text("data_policy"), task.Text("system_prompt"), task.Text("backend"), task.Text("model"), task.GetProperty("attempts_max").GetInt32(),
                task.GetProperty("timeout_seconds").GetDouble(), task.Text("idempotency_key"), task.Text("batch_id"), task.Text("client")));
        Assert.Equal("""{"type":"object"}""", task.GetProperty("output_schema").GetRawText());
        Assert.Equal(first, Assert.Single(task.GetProperty("depends_on").EnumerateArray()).GetString());
        Assert.True(task.GetProperty("pass_outputs").GetBoolean());
        Assert.Equal(0.5, task.GetProperty("options").GetProperty("temperature").GetDouble());
        Assert.Equal("read-only", task.GetProperty("options").Text("sandbox"));
        Assert.StartsWith("2030-01-31T08:00:00", task.Text("deadline"), StringComparison.Ordinal);
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, task.GetProperty("not_before").ValueKind);
    }

    [Fact]
    public async Task Submit_OfFileAndStandardInput_JoinsThemBehindThePrompt()
    {
        var type = workshop.NewType();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "工房の仕事\n");

        var whole = await workshop.RunWithInputAsync("a diff\n", "submit", "Review:", "-f", file, "-f", "-", "--type", type);
        var piped = await workshop.RunWithInputAsync("only this\n", "submit", "--type", type);
        File.Delete(file);

        Assert.Equal("Review:\n\n工房の仕事\n\na diff", await PromptAsync(whole));
        Assert.Equal("only this", await PromptAsync(piped));
    }

    [Theory]
    [InlineData("The prompt is empty.", "submit")]
    [InlineData("'/nothing/here' cannot be read", "submit", "-f", "/nothing/here")]
    [InlineData("--label is 'x'. Allowed: key=value.", "submit", "x", "--label", "x")]
    [InlineData("--timeout is 'soon'. Allowed: a number with s, m, h or d", "submit", "x", "--timeout", "soon")]
    [InlineData("koubou submit --help", "submit", "x", "--nothing")]
    public async Task Submit_WithAWrongCommandLine_SaysSoAndEndsWithTwo(string expected, params string[] arguments)
    {
        var run = await workshop.RunAsync(arguments);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(expected, run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_OfFaultyFields_NamesEachWithTheWorkshopsWords()
    {
        var run = await workshop.RunAsync("submit", "x", "--priority", "11", "--type", "nothing", "--policy", "secret");

        Assert.Equal(1, run.Code);
        Assert.Contains("\n  priority: must be a whole number from 1 to 10", run.Notes, StringComparison.Ordinal);
        Assert.Contains("\n  data_policy: ", run.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WithWait_PrintsTheAnswerAlone()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var program = workshop.Start("submit", "Say hello.", "--type", type, "--wait");

        await node.CompleteAsync(await node.TakeAsync(), "Hello\n工房", simulated: true);
        var run = await program.EndAsync();

        Assert.Equal((0, "Hello\n工房\n"), (run.Code, run.Output));
        Assert.Contains("Simulated: ", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WithWait_OfATaskThatFails_SaysWhyAndEndsWithOne()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var program = workshop.Start("submit", "Say hello.", "--type", type, "--wait");

        await node.FailAsync(await node.TakeAsync(), "model_missing", "Pull it with: ollama pull gemma2:2b");
        var run = await program.EndAsync();

        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("is failed: Pull it with: ollama pull gemma2:2b (model_missing).", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WithFollow_PrintsTheAnswerWhileItIsWritten()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var program = workshop.Start("submit", "Say hello.", "--type", type, "--follow");

        var work = await node.TakeAsync();
        await node.SayAsync(work, new OutputChunk { Offset = 0, Text = "Hel" });
        await program.PrintedAsync("Hel");
        await node.SayAsync(work, new OutputChunk { Offset = 3, Text = "lo" });
        await node.CompleteAsync(work, "Hello");
        var run = await program.EndAsync();

        Assert.Equal((0, "Hello\n"), (run.Code, run.Output));
    }

    [Fact]
    public async Task Submit_Interrupted_LeavesTheTaskAndSaysHowToSeeIt()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var program = workshop.Start("submit", "Say hello.", "--type", type, "--follow");
        var work = await node.TakeAsync();
        await node.SayAsync(work, new OutputChunk { Offset = 0, Text = "Hel" });
        await program.PrintedAsync("Hel");

        program.Interrupt();
        var run = await program.EndAsync();
        await node.CompleteAsync(work, "Hello");
        var answer = await workshop.DoAsync("submit", "x", "--type", workshop.NewType());

        Assert.Equal(130, run.Code);
        Assert.Contains($"The task goes on. See it with: koubou watch {work.TaskId}", run.Notes, StringComparison.Ordinal);
        Assert.NotEmpty(answer.Lines);
    }

    [Fact]
    public async Task Submit_WithAKeyInTheEnvironment_OpensALockedDoor()
    {
        await using var gateway = workshop.StartGateway(
            ("Koubou:Gateway:ApiKeys:0:Name", "ci"), ("Koubou:Gateway:ApiKeys:0:Key", "a-key-only-for-this-test"));

        var refused = await KoubouProgram.RunAsync(gateway.Main, ["submit", "x"]);
        var opened = await KoubouProgram.RunAsync(gateway.Main, ["list"], "", ("KOUBOU_API_KEY", "a-key-only-for-this-test"));

        Assert.Equal(1, refused.Code);
        Assert.Contains("asks for an API key. Set it in KOUBOU_API_KEY", refused.Notes, StringComparison.Ordinal);
        Assert.Equal(0, opened.Code);
    }

    private async Task<string?> PromptAsync(Run run)
    {
        Assert.True(run.Code == 0, run.Notes);
        return (await workshop.Http.ReadAsync($"/api/v1/tasks/{run.Lines[0]}"))["prompt"].GetString();
    }
}
