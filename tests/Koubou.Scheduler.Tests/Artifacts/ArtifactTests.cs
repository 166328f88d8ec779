using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Tests.Hosting;

namespace Koubou.Scheduler.Tests.Artifacts;

public sealed class ArtifactTests
{
    [Fact]
    public async Task Artifact_OfACompletedTask_IsListedAndRead_AlsoAfterARestart()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        var content = Bytes(700_000);
        string id;
        await using (var node = await scheduler.ConnectAsync("node-1"))
        {
            id = await scheduler.SubmitAsync("x");
            var kept = await PutAsync(scheduler, "changes.patch", content);
            await CompleteAsync(node, await node.TakeAsync(), kept);
        }

        await scheduler.RestartAsync();
        var record = await scheduler.GetAsync(id);

        var listed = Assert.Single(record.Artifacts);
        Assert.Equal(("changes.patch", "text/x-diff", 700_000L), (listed.Name, listed.MediaType, listed.SizeBytes));
        Assert.Equal(content, await ReadAsync(scheduler, id, "changes.patch"));
        Assert.Equal(content[100..300], await ReadAsync(scheduler, id, "changes.patch", 100, 200));
        Assert.Empty(await ReadAsync(scheduler, id, "changes.patch", 700_000));
    }

    [Fact]
    public async Task SameContent_UnderTwoNames_LiesThereOnce()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var first = await PutAsync(scheduler, "a.txt", Bytes(1000));
        var second = await PutAsync(scheduler, "b.txt", Bytes(1000));

        Assert.Equal(first.Sha256, second.Sha256);
        var file = Assert.Single(Files(scheduler));
        Assert.EndsWith(Path.Combine(first.Sha256[..2], first.Sha256[2..]), file, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "artifact.name")]
    [InlineData("../../etc/passwd", "artifact.name")]
    [InlineData("a\\b", "artifact.name")]
    [InlineData("a\nb", "artifact.name")]
    [InlineData("..", "artifact.name")]
    public async Task Name_ThatIsNoFileName_IsRefused(string name, string field)
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() => PutAsync(scheduler, name, Bytes(1)));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains(field, error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_TooLarge_IsRefused_AndLeavesNothing()
    {
        await using var scheduler = await SchedulerHarness.StartAsync("--Queue:Artifacts:FileBytesMax=2048");

        var told = await Assert.ThrowsAsync<RpcException>(() => PutAsync(scheduler, "a", Bytes(4096)));
        var untold = await Assert.ThrowsAsync<RpcException>(() => PutAsync(scheduler, "a", Bytes(4096), artifact => artifact.SizeBytes = 0));

        Assert.Equal((StatusCode.InvalidArgument, StatusCode.InvalidArgument), (told.StatusCode, untold.StatusCode));
        Assert.Empty(Files(scheduler));
    }

    [Fact]
    public async Task Files_BeyondTheTotal_AreRefusedForAWhile()
    {
        await using var scheduler = await SchedulerHarness.StartAsync("--Queue:Artifacts:TotalBytesMax=1048576");
        await PutAsync(scheduler, "a", Bytes(1_000_000));

        var error = await Assert.ThrowsAsync<RpcException>(() => PutAsync(scheduler, "b", Bytes(100_000)));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Contains("Queue:Artifacts:TotalBytesMax", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_OfAnotherHash_IsRefused()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(
            () => PutAsync(scheduler, "a", Bytes(10), artifact => artifact.Sha256 = new string('0', 64)));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Empty(Files(scheduler));
    }

    [Fact]
    public async Task Artifact_ThatWasNeverBrought_IsLeftOutOfTheRecord()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1");
        var id = await scheduler.SubmitAsync("x");

        await CompleteAsync(
            node, await node.TakeAsync(), new Artifact { Name = "ghost", Sha256 = new string('a', 64) }, new Artifact { Name = "evil", Sha256 = "../../x" });

        var record = await scheduler.GetAsync(id);
        Assert.Equal(TaskState.Succeeded, record.State);
        Assert.Empty(record.Artifacts);
    }

    [Fact]
    public async Task Read_OfWhatIsNotThere_SaysWhatIs()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1");
        var id = await scheduler.SubmitAsync("x");
        await CompleteAsync(node, await node.TakeAsync(), await PutAsync(scheduler, "a.txt", Bytes(10)));

        var name = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(scheduler, id, "b.txt"));
        var task = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(scheduler, "none", "a.txt"));
        var offset = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(scheduler, id, "a.txt", 11));

        Assert.Equal((StatusCode.NotFound, StatusCode.NotFound, StatusCode.InvalidArgument), (name.StatusCode, task.StatusCode, offset.StatusCode));
        Assert.Contains("a.txt", name.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"thing"}""", "#/type must be one or more of")]
    [InlineData("""{"$ref":"https://example.com/x"}""", "other documents are not read")]
    [InlineData("""[1]""", "a JSON object")]
    public async Task Submit_WithASchemaThatIsNone_IsRefused(string schema, string fault)
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() => scheduler.SubmitAsync("x", spec => spec.OutputSchema = schema));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("output_schema", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(fault, error.Status.Detail, StringComparison.Ordinal);
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(index => (byte)(index * 31))];

    private static IEnumerable<string> Files(SchedulerHarness scheduler) =>
        Directory.EnumerateFiles(Path.Combine(scheduler.Home, "artifacts"), "*", SearchOption.AllDirectories);

    private static async Task<Artifact> PutAsync(
        SchedulerHarness scheduler, string name, byte[] content, Action<Artifact>? change = null)
    {
        var artifact = new Artifact { Name = name, MediaType = "text/x-diff", SizeBytes = content.Length };
        change?.Invoke(artifact);
        using var call = scheduler.Queue.PutArtifact();
        try
        {
            await call.RequestStream.WriteAsync(new ArtifactChunk { Artifact = artifact });
            foreach (var piece in content.Chunk(64 * 1024))
            {
                await call.RequestStream.WriteAsync(new ArtifactChunk { Data = ByteString.CopyFrom(piece) });
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // Refused in the midst; the answer says why.
        }

        return await call.ResponseAsync;
    }

    private static async Task<byte[]> ReadAsync(
        SchedulerHarness scheduler, string task, string name, long offset = 0, long length = 0)
    {
        using var call = scheduler.Queue.ReadArtifact(
            new ReadArtifactRequest { TaskId = task, Name = name, Offset = offset, Length = length });
        using var content = new MemoryStream();
        await foreach (var chunk in call.ResponseStream.ReadAllAsync())
        {
            chunk.Data.WriteTo(content);
        }

        return content.ToArray();
    }

    private static async Task CompleteAsync(ScriptedNode node, Assignment task, params Artifact[] artifacts)
    {
        await node.SayAsync(new NodeMessage
        {
            Reports =
            {
                new TaskReport
                {
                    TaskId = task.TaskId,
                    LeaseToken = task.LeaseToken,
                    Completed = new Completed { Output = "done", Facts = new AttemptFacts(), Artifacts = { artifacts } },
                },
            },
            Credit = 1,
        });
        await node.HearAsync(message => message.Acks.Any(ack => ack.TaskId == task.TaskId));
    }
}
