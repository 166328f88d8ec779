using Koubou.Contracts;
using Koubou.Worker.Tests.Harness;
using Koubou.Worker.Tests.Processes;

namespace Koubou.Worker.Tests.Backends.AgentCli;

public sealed class CliAgentTests
{
    [Fact]
    public async Task Script_WithPromptByStdin_AnswersWithItsText()
    {
        await using var bench = await AgentBench.StartAsync("echo \"You said:\"; cat");
        var spec = AgentBench.Task("工房");
        spec.SystemPrompt = "Be kind.";

        var completed = await bench.CompletedAsync(spec);

        Assert.Equal("You said:\nBe kind.\n\n工房", completed.Output);
        Assert.Equal(("helper", Zone.Local, false), (completed.Facts.Backend, completed.Facts.Zone, completed.Facts.Simulated));
    }

    [Theory]
    [InlineData("Argument", "{prompt}", "printf %s \"$2\"")]
    [InlineData("File", "{prompt_file}", "cat \"$2\"")]
    public async Task Prompt_InAnArgumentOrAFile_ArrivesAsItIs(string way, string place, string script)
    {
        await using var bench = await AgentBench.StartAsync(script, values =>
        {
            values["Prompt"] = way;
            values["Arguments:0"] = "--say";
            values["Arguments:1"] = place;
        });

        var completed = await bench.CompletedAsync(AgentBench.Task("$(id) `id` {model} \"quoted\"\nline 2"));

        Assert.Equal("$(id) `id` {model} \"quoted\"\nline 2", completed.Output);
    }

    [Fact]
    public async Task Model_WhenNobodyNamesOne_LeavesItsArgumentsOut()
    {
        await using var bench = await AgentBench.StartAsync("echo \"$@\"", values =>
        {
            values["Arguments:0"] = "--model";
            values["Arguments:1"] = "{model}";
            values["Arguments:2"] = "--quick";
        });
        var named = AgentBench.Task();
        named.Model = "small";

        Assert.Equal("--quick", (await bench.CompletedAsync(AgentBench.Task())).Output);
        Assert.Equal("--model small --quick", (await bench.CompletedAsync(named)).Output);
    }

    [Fact]
    public async Task JsonLines_GiveAnswerProgressAndUsage_AsClaudeWritesThem()
    {
        const string script =
            """
            cat >/dev/null
            echo '{"type":"system","subtype":"init","session_id":"x"}'
            echo '{"type":"assistant","message":{"content":[{"type":"text","text":"Looking at the files"},{"type":"tool_use","name":"Read","input":{}}]}}'
            echo '{"type":"result","subtype":"success","is_error":false,"result":"All is well.","usage":{"input_tokens":12,"output_tokens":34}}'
            """;
        await using var bench = await AgentBench.StartAsync(script, ClaudeSettings);

        var assignment = await bench.Session.AssignAsync(AgentBench.Task());
        var completed = await bench.Session.CompletedAsync(assignment);

        Assert.Equal("All is well.", completed.Output);
        Assert.Equal((12, 34), (completed.Facts.Usage.PromptTokens, completed.Facts.Usage.CompletionTokens));
        Assert.NotNull(completed.Facts.FirstToken);
    }

    [Fact]
    public async Task JsonLines_ThatTellAFailure_FailTheAttempt()
    {
        await using var bench = await AgentBench.StartAsync(
            """cat >/dev/null; echo '{"type":"result","is_error":true,"result":"Credit balance is too low"}'""", ClaudeSettings);

        var failed = await bench.FailedAsync(AgentBench.Task());

        Assert.Equal("agent_failed", failed.Error.Code);
        Assert.Contains("Credit balance", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LastMessage_OfMany_IsTheAnswer()
    {
        await using var bench = await AgentBench.StartAsync(
            """echo 'welcome'; echo '{"text":"one"}'; echo '{"text":"two"}'""",
            values => (values["Answer"], values["AnswerPath"]) = ("LastMessage", "text"));

        Assert.Equal("two", (await bench.CompletedAsync(AgentBench.Task())).Output);
    }

    [Fact]
    public async Task Zone_ThatNobodyDeclared_IsCloud_AndRefusesConfidentialTasks()
    {
        await using var bench = await AgentBench.StartAsync("echo leaked", values => values.Remove("Zone"));

        var failed = await bench.FailedAsync(AgentBench.Task());

        Assert.Equal("policy_refused", failed.Error.Code);
    }

    [Fact]
    public async Task ConfiguredAgent_RulesTheDemoOut()
    {
        await using var bench = await AgentBench.StartAsync(
            "echo x", values => values["Koubou:Worker:Ollama:ReachableWait"] = "00:00:00.010");

        var givenBack = await bench.Session.GivenBackAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("backend_unreachable", givenBack.Reason.Code);
    }

    [Fact]
    public async Task Script_ThatFails_FailsTheAttempt_WithWhatItSaid()
    {
        await using var bench = await AgentBench.StartAsync("echo 'no such model' >&2; exit 3");

        var failed = await bench.FailedAsync(AgentBench.Task());

        Assert.Equal(("agent_failed", FailureKind.Transient), (failed.Error.Code, failed.Error.Kind));
        Assert.Contains("no such model", failed.Error.Message, StringComparison.Ordinal);
        Assert.Contains("code 3", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Network_TakenAway_LeavesNoWayOut_NotEvenToThisMachine()
    {
        await using var life = new LifeLine();
        await using var bench = await AgentBench.StartAsync(
            $"exec 9<>/dev/tcp/127.0.0.1/{life.Port} && echo reached || echo cut-off; exit 0",
            values => values["Network"] = "false");

        Assert.Equal("cut-off", (await bench.CompletedAsync(AgentBench.Task())).Output);
    }

    [Fact]
    public async Task Changes_InACopyOfTheFolder_ComeBackAsAPatch()
    {
        await using var bench = await AgentBench.StartAsync("cat file.txt; echo after > file.txt");
        var file = Path.Combine(bench.Folder, "file.txt");
        await File.WriteAllTextAsync(file, "before\n");
        var spec = AgentBench.Task();
        spec.Options["folder"] = System.Text.Json.JsonSerializer.Serialize(bench.Folder);

        var completed = await bench.CompletedAsync(spec);

        Assert.Equal("before", completed.Output);
        Assert.Equal("changes.patch", Assert.Single(completed.Artifacts).Name);
        Assert.Contains("+after", bench.Artifacts.Text("changes.patch"), StringComparison.Ordinal);
        Assert.Equal("before\n", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Folder_LargerThanTheBound_IsRefusedWithAWayOut()
    {
        await using var bench = await AgentBench.StartAsync(
            "echo x", values => values["Koubou:Worker:Agents:CopyBytesMax"] = "10");
        await File.WriteAllTextAsync(Path.Combine(bench.Folder, "file.txt"), "more than ten bytes");
        var spec = AgentBench.Task();
        spec.Options["folder"] = System.Text.Json.JsonSerializer.Serialize(bench.Folder);

        var failed = await bench.FailedAsync(spec);

        Assert.Equal("folder_too_large", failed.Error.Code);
        Assert.Contains("git init", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_ThatBreaksItsSchema_GoesBackWithTheFault_AndIsMended()
    {
        await using var bench = await AgentBench.StartAsync(
            """if grep -q "That does not satisfy"; then echo '```json'; echo '{"n": 1}'; echo '```'; else echo 'n is one'; fi""");
        var spec = AgentBench.Task();
        spec.OutputSchema = """{"required":["n"]}""";

        var completed = await bench.CompletedAsync(spec);

        Assert.Equal("""{"n": 1}""", completed.StructuredOutput.Trim());
    }

    [Fact]
    public async Task Answer_ThatStaysWrong_FailsTheAttempt_AndAnotherMayCome()
    {
        await using var bench = await AgentBench.StartAsync("echo '{}'");
        var spec = AgentBench.Task();
        spec.OutputSchema = """{"required":["n"]}""";

        var failed = await bench.FailedAsync(spec);

        Assert.Equal(("invalid_output", FailureKind.Transient), (failed.Error.Code, failed.Error.Kind));
        Assert.Contains("lacks the member 'n'", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_ThatIsNone_FailsForGood()
    {
        await using var bench = await AgentBench.StartAsync("echo '{}'");
        var spec = AgentBench.Task();
        spec.OutputSchema = """{"type":"thing"}""";

        Assert.Equal("bad_schema", (await bench.FailedAsync(spec)).Error.Code);
    }

    [Fact]
    public async Task Artifact_WhileTheSchedulerIsAway_IsBroughtLater()
    {
        await using var bench = await AgentBench.StartAsync("echo new > file.txt", prepare: scheduler => scheduler.Artifacts.AwayFor = 2);

        var completed = await bench.CompletedAsync(AgentBench.Task());

        Assert.Single(completed.Artifacts);
        Assert.Single(bench.Artifacts.Kept.Items);
    }

    [Fact]
    public async Task Artifact_ThatIsRefused_FailsTheAttempt()
    {
        await using var bench = await AgentBench.StartAsync(
            "echo new > file.txt",
            prepare: scheduler => scheduler.Artifacts.Refusal = new(Grpc.Core.StatusCode.InvalidArgument, "too large"));

        var failed = await bench.FailedAsync(AgentBench.Task());

        Assert.Equal(("artifact_refused", FailureKind.Permanent), (failed.Error.Code, failed.Error.Kind));
    }

    [Fact]
    public async Task LongOutput_BecomesAnArtifact_AndItsBeginningStays()
    {
        await using var bench = await AgentBench.StartAsync(
            "head -c 5000 /dev/zero | tr '\\0' x", values => values["Koubou:Worker:OutputInlineCharsMax"] = "1024");

        var completed = await bench.CompletedAsync(AgentBench.Task());

        Assert.StartsWith(new string('x', 1024) + "\n\n[Cut here.", completed.Output, StringComparison.Ordinal);
        Assert.Equal(new string('x', 5000), bench.Artifacts.Text("output.txt"));
        Assert.Equal(5000, Assert.Single(completed.Artifacts).SizeBytes);
    }

    [Fact]
    public async Task LongOutput_OfANodeWithAJoinKey_IsBroughtWithIt()
    {
        await using var bench = await AgentBench.StartAsync(
            "head -c 5000 /dev/zero | tr '\\0' x",
            values =>
            {
                values["Koubou:Worker:OutputInlineCharsMax"] = "1024";
                values["Koubou:Worker:JoinKey"] = "the key of the workshop";
            });

        await bench.CompletedAsync(AgentBench.Task());

        Assert.Equal(["the key of the workshop"], bench.Artifacts.JoinKeys.Items);
    }

    [Fact]
    public async Task Agents_AtWork_LeaveRoomForMore()
    {
        await using var life = new LifeLine();
        await using var bench = await AgentBench.StartAsync($"exec {life.Hold("at-work")}");

        var assigned = await bench.Session.AssignAllAsync(Enumerable.Range(0, 4).Select(_ => AgentBench.Task()));
        await bench.Session.Credits.FirstAsync(_ => bench.Session.Credit > 0, Patience.Limit);

        foreach (var assignment in assigned)
        {
            await bench.Session.EndAsync(assignment, EndReason.Cancelled);
        }

        await bench.Session.Credits.FirstAsync(_ => bench.Session.Credit == bench.Node.Pool.Slots, Patience.Limit);
    }

    private static void ClaudeSettings(Dictionary<string, string?> values)
    {
        values["Answer"] = "LastMessage";
        values["AnswerPath"] = "type=result: result";
        values["ProgressPath"] = "type=assistant: message.content[].text";
        values["ErrorPath"] = "type=result,is_error=true: result";
        values["PromptTokensPath"] = "type=result: usage.input_tokens";
        values["CompletionTokensPath"] = "type=result: usage.output_tokens";
    }
}
