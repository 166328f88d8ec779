using Koubou.Gateway.Mcp.Unread;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class UnreadJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("koubou-journal-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "unread.log");

    [Fact]
    public void Open_AfterChanges_GivesWhatIsStillOpenInItsOrder()
    {
        using (var journal = UnreadJournal.Open(Path, out _))
        {
            journal.Add("claude code", ["1", "2", "3"]);
            journal.Remove("claude code", ["2"]);
            journal.Add("other", ["2"]);
        }

        using var again = UnreadJournal.Open(Path, out var open);

        Assert.Equal([("claude code", "1"), ("claude code", "3"), ("other", "2")], open);
        Assert.Equal(3, File.ReadAllLines(Path).Length);
    }

    [Fact]
    public void Open_WithATornLastLine_KeepsTheRest()
    {
        File.WriteAllText(Path, "+ 1 client\n+ 2 client\n- 1");

        using var journal = UnreadJournal.Open(Path, out var open);

        Assert.Equal([("client", "1"), ("client", "2")], open);
    }

    [Fact]
    public void Open_WhileAnotherHoldsIt_KeepsNothingAndHarmsNothing()
    {
        using var first = UnreadJournal.Open(Path, out _);
        first.Add("client", ["1"]);

        using (var second = UnreadJournal.Open(Path, out var open))
        {
            second.Add("client", ["2"]);
            Assert.False(second.IsKept);
            Assert.Empty(open);
        }

        first.Dispose();
        using var third = UnreadJournal.Open(Path, out var kept);
        Assert.Equal([("client", "1")], kept);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
