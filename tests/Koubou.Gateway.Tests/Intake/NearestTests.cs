using Koubou.Gateway.Intake;

namespace Koubou.Gateway.Tests.Intake;

public sealed class NearestTests
{
    [Theory]
    [InlineData("priorty", "priority")]
    [InlineData("Prompt", "prompt")]
    [InlineData("systemPrompt", "system_prompt")]
    [InlineData("data-policy", "data_policy")]
    [InlineData("labels_", "labels")]
    public void Find_Mistyped_GivesWhatWasMeant(string name, string expected)
    {
        Assert.Equal(expected, Nearest.Find(name, TaskFields.Names));
    }

    [Theory]
    [InlineData("")]
    [InlineData("temperature")]
    [InlineData("xyz")]
    public void Find_SomethingElse_GivesNothing(string name)
    {
        Assert.Null(Nearest.Find(name, TaskFields.Names));
    }

    [Fact]
    public void Fault_NothingNear_ListsWhatIsKnown()
    {
        Assert.Equal("is not a filter; known are a1, b2", Nearest.Fault("zzzzzz", "a filter", ["a1", "b2"]));
    }
}
