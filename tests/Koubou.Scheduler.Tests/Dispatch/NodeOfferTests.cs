using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Dispatch;

public sealed class NodeOfferTests
{
    [Fact]
    public void Fits_TypeThatTheNodeDoesItself_NeedsNoBackend()
    {
        var offer = new NodeOffer { Capabilities = { "shout", "general" }, OwnTypes = { "shout" } };

        Assert.True(offer.Fits(Lane("shout")));
        Assert.False(offer.Fits(Lane("general")));
        Assert.False(offer.Fits(Lane("whisper")));
    }

    [Theory]
    [InlineData("gpu", true)]
    [InlineData("ollama", true)]
    [InlineData("codex", true)]
    [InlineData("anthropic", false)]
    [InlineData("", true)]
    public void Fits_BackendByNameOrKind_IsFound(string wanted, bool fits)
    {
        var offer = Offer(Backend("gpu"), Backend("codex", only => (only.Kind, only.OnlyWhenNamed) = ("codex", true)));

        Assert.Equal(fits, offer.Fits(Lane("general") with { Backend = wanted }));
    }

    [Fact]
    public void Fits_OnlyBackendsThatWantToBeNamed_DoNotAnswerTheRest() =>
        Assert.False(Offer(Backend("script", only => only.OnlyWhenNamed = true)).Fits(Lane("general")));

    [Fact]
    public void Fits_BackendBeyondThePolicy_IsNone() =>
        Assert.False(Offer(Backend("gpt", far => far.Zone = Zone.Cloud)).Fits(Lane("general")));

    [Fact]
    public void Holds_ModelOfTasksThatNameNone_IsTheBackendsOwn()
    {
        var models = new LoadedModels();
        var offer = Offer(Backend("ollama", backend => backend.LoadedRunners.Add("gemma2:2b")));

        Assert.True(models.Holds(offer, Lane("general")));
        Assert.True(models.Holds(offer, Lane("general") with { Model = "gemma2:2b" }));
        Assert.False(models.Holds(offer, Lane("general") with { Model = "gemma2:2b", Runner = "num_ctx=8192" }));
        Assert.False(models.Holds(offer, Lane("general") with { Model = "qwen3" }));
    }

    [Fact]
    public void Holds_ModelThatTasksWereGivenFor_BeforeTheOfferSaysSo()
    {
        var models = new LoadedModels();
        var offer = Offer(Backend("ollama", backend => backend.LoadedRunners.Add("gemma2:2b")));

        models.Note(offer, [Leased("qwen3")], DateTimeOffset.UnixEpoch);

        Assert.True(models.Holds(offer, Lane("general") with { Model = "qwen3" }));
        Assert.False(models.Holds(offer, Lane("general") with { Model = "gemma2:2b" }));
        Assert.Equal(DateTimeOffset.UnixEpoch, models.Since);
    }

    [Fact]
    public void Holds_BothModels_WhereTheBackendHoldsBoth()
    {
        var models = new LoadedModels();
        models.Note(Offer(Backend("ollama")), [Leased("qwen3")], DateTimeOffset.UnixEpoch);
        var offer = Offer(Backend("ollama", backend => backend.LoadedRunners.Add(["gemma2:2b", "qwen3:latest"])));

        Assert.True(models.Holds(offer, Lane("general") with { Model = "qwen3" }));
        Assert.True(models.Holds(offer, Lane("general") with { Model = "gemma2:2b" }));
    }

    [Fact]
    public void Holds_ServerThatSwapsNothing_Always() =>
        Assert.True(new LoadedModels().Holds(
            Offer(Backend("vllm", backend => backend.SwapsModels = false)), Lane("general") with { Model = "any" }));

    private static NodeOffer Offer(params Backend[] backends) => new() { Capabilities = { "*" }, Backends = { backends } };

    private static Backend Backend(string name, Action<Backend>? change = null)
    {
        var backend = new Backend
        {
            Name = name, Kind = "ollama", Zone = Zone.Local, Healthy = true, SwapsModels = true, DefaultModel = "gemma2:2b",
        };
        change?.Invoke(backend);
        return backend;
    }

    private static LaneKey Lane(string type) => new(type, "", "", DataPolicy.Local);

    private static LeasedTask Leased(string model) => new(
        new LeaseKey("id", 1), 1, new TaskSpec { Type = "general", Model = model, DataPolicy = DataPolicy.Local },
        DateTimeOffset.UnixEpoch);
}
