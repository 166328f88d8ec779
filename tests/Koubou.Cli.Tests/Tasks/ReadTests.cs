using System.Text;
using Koubou.Cli.Tests.Harness;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Tasks;

public sealed class ReadTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task List_InAPipe_IsPlainWholeRows()
    {
        var type = workshop.NewType();
        var prompt = "工房 " + new string('x', 150);
        var id = await workshop.SubmitAsync(type, prompt);
        await workshop.SubmitAsync(type, "another");

        var run = await workshop.DoAsync("list", "--type", type, "--oldest-first", "--limit", "1");

        Assert.Equal(["ID", "STATE", "TYPE", "PRIO", "AGE", "WAITED", "RAN", "PROMPT"], Words(run.Lines[0]));
        Assert.StartsWith($"{id}  queued  {type}", run.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith(prompt, run.Lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.Contains("1 of 2; --limit shows more.", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_AsIds_FeedsCancel()
    {
        var type = workshop.NewType();
        var ids = new[] { await workshop.SubmitAsync(type), await workshop.SubmitAsync(type) };

        var listed = await workshop.DoAsync("list", "--type", type, "--state", "queued", "--ids", "--oldest-first");
        var cancelled = await workshop.RunWithInputAsync(listed.Output, "cancel", "-");
        var left = await workshop.DoAsync("list", "--type", type, "--state", "queued");

        Assert.Equal(ids, listed.Lines);
        Assert.Equal(ids.Select(id => $"{id} cancelled"), cancelled.Lines);
        Assert.Equal(("", "No task matches.\n"), (left.Output, left.Notes));
    }

    [Fact]
    public async Task List_AsJson_IsThePageOfTheWorkshop()
    {
        var type = workshop.NewType();
        var id = await workshop.SubmitAsync(type);

        var run = await workshop.DoAsync("list", "--type", type, "--json");

        Assert.Equal(id, run.Json.GetProperty("tasks")[0].Text("id"));
        Assert.Equal(1, run.Json.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task List_OverManyPages_ShowsAsManyAsWereWanted()
    {
        var type = workshop.NewType();
        var lines = string.Concat(Enumerable.Range(0, 1_100).Select(i => $"\"{i}\"\n"));
        await workshop.RunWithInputAsync(lines, "batch", "submit", "-", "--type", type);

        var run = await workshop.DoAsync("list", "--type", type, "--limit", "1050", "--ids");

        Assert.Equal(1_050, run.Lines.Distinct().Count());
    }

    [Fact]
    public async Task Show_OfAFailedTask_TellsItsHistory()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type, "Find it.\nQuickly.");
        await node.FailAsync(await node.TakeAsync(), "timeout", "It took too long.");
        await workshop.HappenedAsync(id, EventKind.Failed);

        var run = await workshop.DoAsync("show", id);

        Assert.Equal(["id", id], Words(run.Lines[0]));
        Assert.Equal(["state", "failed"], Words(run.Lines[1]));
        Assert.Contains("It took too long. (timeout)", run.Lines[2], StringComparison.Ordinal);
        Assert.Contains(run.Lines, line => Words(line) is ["attempts", "1", "of", "1"]);
        Assert.Contains(run.Lines, line => line.TrimEnd().EndsWith("  Find it.", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => Words(line) is ["1", "failed", var who, ..] && who == node.Id);
    }

    [Fact]
    public async Task Output_OfTheAnswerAndOfAFile_IsByteForByte()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type);
        var file = await node.PutAsync("changes.patch", "text/x-diff", [1, 2, 255, 10]);
        await node.CompleteAsync(await node.TakeAsync(), "no line feed 工房", artifacts: [file]);
        await workshop.HappenedAsync(id, EventKind.Succeeded);
        var target = Path.GetTempFileName();

        var answer = await workshop.DoAsync("output", id);
        await workshop.DoAsync("output", id, "--artifact", "changes.patch", "--to", target);

        Assert.Equal("no line feed 工房", answer.Output);
        Assert.Equal([1, 2, 255, 10], await File.ReadAllBytesAsync(target));
        File.Delete(target);
    }

    [Fact]
    public async Task Output_OfFiveMegabytes_ComesWhole()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.SubmitAsync(type);
        var text = new StringBuilder();
        for (var i = 0; text.Length < 5_000_000; i++)
        {
            text.Append(i).Append('\n');
        }

        await node.CompleteAsync(await node.TakeAsync(), text.ToString());
        await workshop.HappenedAsync(id, EventKind.Succeeded);

        Assert.Equal(text.ToString(), (await workshop.DoAsync("output", id)).Output);
    }

    [Fact]
    public async Task Output_OfAWaitingTask_SaysHowItStands()
    {
        var id = await workshop.SubmitAsync(workshop.NewType());

        var run = await workshop.RunAsync("output", id);

        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("queued", run.Notes, StringComparison.Ordinal);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
