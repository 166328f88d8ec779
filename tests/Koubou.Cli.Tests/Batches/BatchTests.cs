using Koubou.Cli.Tests.Harness;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Batches;

public sealed class BatchTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task BatchSubmit_OfAFile_WithWait_EndsWhenAllHaveFinished()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """
            {"prompt": "first", "priority": 9}

            "second"
            {"prompt": "third", "depends_on": ["#0"]}
            """);
        await using var program = workshop.Start("batch", "submit", file, "--type", type, "--priority", "2", "--id", type, "--wait");

        List<(string, int)> taken = [];
        for (var i = 0; i < 3; i++)
        {
            var work = await node.TakeAsync();
            taken.Add((work.Spec.Prompt, work.Spec.Priority));
            await node.CompleteAsync(work, "x");
        }

        var run = await program.EndAsync();
        var shown = await workshop.DoAsync("batch", "show", type);
        File.Delete(file);

        Assert.Equal((0, $"{type}\n"), (run.Code, run.Output));
        Assert.Contains("3 succeeded of 3, after ", run.Notes, StringComparison.Ordinal);
        Assert.Equal([("first", 9), ("second", 2), ("third", 2)], taken);
        Assert.Contains("3 succeeded", shown.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task BatchSubmit_WithWait_WhenOneFails_EndsWithOne()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var program = workshop.Start("batch", "submit", FileOf("\"a\"\n\"b\""), "--type", type, "--wait");

        await node.FailAsync(await node.TakeAsync(), "timeout", "It took too long.");
        await node.CompleteAsync(await node.TakeAsync(), "x");
        var run = await program.EndAsync();

        Assert.Equal(1, run.Code);
        Assert.Contains("--state failed", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BatchSubmit_OfMoreThanAThousand_IsOneBatchInSeveralSubmits()
    {
        var type = workshop.NewType();
        var lines = string.Concat(Enumerable.Range(0, 2_001).Select(i => $$"""{"prompt": "{{i}}"}{{"\n"}}"""));

        var run = await workshop.RunWithInputAsync(lines, "batch", "submit", "-", "--type", type, "--id", type);
        var shown = await workshop.DoAsync("batch", "show", type, "--json");
        var cancelled = await workshop.DoAsync("batch", "cancel", type);
        var removed = await workshop.DoAsync("batch", "delete", type);

        Assert.Contains("2001 tasks are in.", run.Notes, StringComparison.Ordinal);
        Assert.Equal(2_001, shown.Json.GetProperty("total").GetInt32());
        Assert.Equal(("2,001 cancelled\n", "2,001 removed\n"), (cancelled.Output, removed.Output));
    }

    [Theory]
    [InlineData("", "holds no task")]
    [InlineData("\"a\"\n7", "Line 2 of ")]
    [InlineData("{\"prompt\": ", "Line 1 of ")]
    public async Task BatchSubmit_OfAFileThatIsNone_SaysWhichLine(string content, string expected)
    {
        var run = await workshop.RunAsync("batch", "submit", FileOf(content));

        Assert.Equal(2, run.Code);
        Assert.Contains(expected, run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BatchSubmit_WithFaults_NamesEachTask()
    {
        var run = await workshop.RunAsync("batch", "submit", FileOf("\"a\"\n{\"prompt\": \"b\", \"priority\": 0}"));

        Assert.Equal(1, run.Code);
        Assert.Contains("tasks[1].priority: must be", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BatchList_ShowsTheNewestFirst()
    {
        var type = workshop.NewType();
        await workshop.RunAsync("batch", "submit", FileOf("\"a\""), "--type", type, "--id", $"older-{type}");
        await workshop.RunAsync("batch", "submit", FileOf("\"a\""), "--type", type, "--id", $"newer-{type}");

        var listed = (await workshop.DoAsync("batch", "list", "--limit", "1000")).Lines.ToList();

        var newer = listed.FindIndex(line => line.StartsWith($"newer-{type} ", StringComparison.Ordinal));
        var older = listed.FindIndex(line => line.StartsWith($"older-{type} ", StringComparison.Ordinal));
        Assert.InRange(newer, 1, older - 1);
    }

    private static string FileOf(string content)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, content);
        return file;
    }
}
