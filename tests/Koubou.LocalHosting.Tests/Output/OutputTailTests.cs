using Koubou.LocalHosting.Output;

namespace Koubou.LocalHosting.Tests.Output;

public sealed class OutputTailTests
{
    [Fact]
    public void Tail_OfManyLines_KeepsTheLastTwenty()
    {
        var tail = new OutputTail();
        for (var line = 1; line <= 1000; line++)
        {
            tail.Add($"{line}");
        }

        Assert.Equal(Enumerable.Range(981, 20).Select(line => $"{line}"), tail.Lines());
    }
}
