using System.Runtime.CompilerServices;
using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Tests.Stores;
using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Tests.Artifacts;

public sealed class ArtifactSweepTests : IDisposable
{
    private static readonly TimeSpan Grace = new ArtifactOptions().UnreferencedAfter + TimeSpan.FromSeconds(1);
    private readonly string _home = Directory.CreateTempSubdirectory("koubou-artifacts-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task File_OfATask_StaysUntilTheTaskIsDeleted()
    {
        await using var queue = await QueueHarness.StartAsync();
        var (artifacts, sweeper) = Create(queue);
        var artifact = await PutAsync(artifacts, "kept");
        var id = await FinishAsync(queue, artifacts, artifact);

        queue.Clock.Advance(Grace);
        Assert.Equal(0, await sweeper.RunOnceAsync(CancellationToken.None));
        Assert.NotNull(Opened(artifacts, artifact));

        await queue.Store.DeleteAsync([id], CancellationToken.None);
        Assert.Equal(1, await sweeper.RunOnceAsync(CancellationToken.None));
        Assert.Null(Opened(artifacts, artifact));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_home, "artifacts"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task File_OfTwoTasks_StaysForTheOther()
    {
        await using var queue = await QueueHarness.StartAsync();
        var (artifacts, sweeper) = Create(queue);
        var artifact = await PutAsync(artifacts, "shared");
        var first = await FinishAsync(queue, artifacts, artifact);
        await FinishAsync(queue, artifacts, artifact);

        await queue.Store.DeleteAsync([first], CancellationToken.None);
        queue.Clock.Advance(Grace);

        Assert.Equal(0, await sweeper.RunOnceAsync(CancellationToken.None));
    }

    [Fact]
    public async Task File_JustBrought_OutlivesASweep_UntilItsGraceIsOver()
    {
        await using var queue = await QueueHarness.StartAsync();
        var (artifacts, sweeper) = Create(queue);
        await PutAsync(artifacts, "not yet reported");

        Assert.Equal(0, await sweeper.RunOnceAsync(CancellationToken.None));
        queue.Clock.Advance(Grace);
        Assert.Equal(1, await sweeper.RunOnceAsync(CancellationToken.None));
    }

    [Fact]
    public async Task File_BroughtAgain_HasItsGraceAnew()
    {
        await using var queue = await QueueHarness.StartAsync();
        var (artifacts, sweeper) = Create(queue);
        await PutAsync(artifacts, "again");
        queue.Clock.Advance(Grace);
        var artifact = await PutAsync(artifacts, "again");

        Assert.Equal(0, await sweeper.RunOnceAsync(CancellationToken.None));
        Assert.NotNull(Opened(artifacts, artifact));
    }

    [Fact]
    public async Task File_BroughtAgainWhileItsOwnersAreAsked_Stays()
    {
        await using var queue = await QueueHarness.StartAsync();
        var (artifacts, _) = Create(queue);
        var artifact = await PutAsync(artifacts, "raced");
        artifacts.Refer("gone", [artifact]);
        queue.Clock.Advance(Grace);

        var removed = await artifacts.SweepAsync(
            async (_, _) =>
            {
                await PutAsync(artifacts, "raced");
                return false;
            },
            CancellationToken.None);

        Assert.Equal(0, removed);
        Assert.NotNull(Opened(artifacts, artifact));
    }

    private (ArtifactStore Artifacts, ArtifactSweeper Sweeper) Create(QueueHarness queue)
    {
        var options = Options.Create(new ArtifactOptions());
        var artifacts = new ArtifactStore(new KoubouHome(_home), options, queue.Clock, NullLogger<ArtifactStore>.Instance);
        return (artifacts, new ArtifactSweeper(artifacts, queue.Store, options, queue.Clock, NullLogger<ArtifactSweeper>.Instance));
    }

    private static async Task<string> FinishAsync(QueueHarness queue, ArtifactStore artifacts, Artifact artifact)
    {
        var id = await queue.EnqueueAsync("x");
        var leased = await queue.MustLeaseAsync();
        var report = new Completed { Output = "done", Facts = new AttemptFacts(), Artifacts = { artifacts.Refer(id, [artifact]) } };
        await queue.Store.SettleAsync([new CompletedSettlement(leased.Lease, report)], CancellationToken.None);
        return id;
    }

    private static Task<Artifact> PutAsync(ArtifactStore artifacts, string text) => artifacts.PutAsync(
        new Artifact { Name = "a.txt" }, Pieces(System.Text.Encoding.UTF8.GetBytes(text)), CancellationToken.None);

    private static string? Opened(ArtifactStore artifacts, Artifact artifact)
    {
        using var content = artifacts.Open(artifact);
        return content?.Name;
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(
        byte[] bytes, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        await Task.CompletedTask;
        yield return bytes;
    }
}
