using System.Net.Sockets;
using Koubou.Contracts;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Craftsmen;

public sealed class FailureTests
{
    private readonly ScriptedCraftsman _craftsman = new();

    public static TheoryData<string, FailureKind, string> Faults => new()
    {
        { "http", FailureKind.Transient, "connection" },
        { "socket", FailureKind.Transient, "connection" },
        { "io", FailureKind.Transient, "connection" },
        { "timeout", FailureKind.Transient, "timeout" },
        { "canceled", FailureKind.Transient, "timeout" },
        { "argument", FailureKind.Permanent, "craftsman_error" },
        { "null", FailureKind.Permanent, "craftsman_error" },
        { "own", FailureKind.Permanent, "bad_prompt" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Exception_IsSortedByItsType_AndTheNodeLivesOn(string fault, FailureKind kind, string code)
    {
        _craftsman.Script = (task, _, _) => task.Prompt == "fine" ? Task.FromResult<TaskResult>("fine") : throw Fault(fault);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var session = await scheduler.SessionAsync();

        var failed = await session.FailedAsync(await session.AssignAsync(Specs.Work()));
        var completed = await session.CompletedAsync(await session.AssignAsync(Specs.Work("fine")));

        Assert.Equal(code, failed.Error.Code);
        Assert.Equal(kind, failed.Error.Kind);
        Assert.NotEmpty(failed.Error.Message);
        Assert.Equal("fine", completed.Output);
    }

    [Fact]
    public async Task RetryAfter_GoesOnRecord()
    {
        _craftsman.Script = (_, _, _) => throw TaskFailureException.Transient("busy", "Busy.", TimeSpan.FromSeconds(7));
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var session = await scheduler.SessionAsync();

        var failed = await session.FailedAsync(await session.AssignAsync(Specs.Work()));

        Assert.Equal(7, failed.RetryAfter.Seconds);
    }

    [Fact]
    public async Task GiveBack_IsNoFailure()
    {
        _craftsman.Script = (_, _, _) => throw new GiveBackException("later", "Not now.", TimeSpan.FromSeconds(3));
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var session = await scheduler.SessionAsync();

        var givenBack = await session.GivenBackAsync(await session.AssignAsync(Specs.Work()));

        Assert.Equal("later", givenBack.Reason.Code);
        Assert.Equal(3, givenBack.RetryAfter.Seconds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Output_TooLong_FailsForGood(bool streamed)
    {
        _craftsman.Script = async (_, context, stop) =>
        {
            var text = new string('x', 2000);
            if (streamed)
            {
                await context.WriteOutputAsync(text, stop);
            }

            return text;
        };
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var session = await scheduler.SessionAsync();

        var failed = await session.FailedAsync(await session.AssignAsync(Specs.Work()));

        Assert.Equal("output_too_long", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
    }

    private static Exception Fault(string name) => name switch
    {
        "http" => new HttpRequestException("broke"),
        "socket" => new SocketException(),
        "io" => new IOException("broke"),
        "timeout" => new TimeoutException("slow"),
        "canceled" => new TaskCanceledException("slow"),
        "argument" => new ArgumentException("wrong", nameof(name)),
        "null" => new InvalidOperationException("bug"),
        _ => TaskFailureException.Permanent("bad_prompt", "The prompt is refused."),
    };

    private Task<NodeHarness> StartAsync(ScriptedScheduler scheduler) => NodeHarness.StartAsync(
        scheduler,
        values => values["Koubou:Worker:OutputCharsMax"] = "1024",
        node =>
        {
            node.Services.AddScripted(_craftsman);
            node.AddCraftsman<ScriptedCraftsman>("work");
        });
}
