using Koubou.AppHost.Planning;

namespace Koubou.AppHost.Tests.Planning;

public sealed class ProfileDecisionTests
{
    private static readonly ProfileFacts _bareMachine =
        new(Profile: null, Queue: null, Publishing: false, HasAspire: false, Engine: null);

    [Fact]
    public void Profile_WithoutAspire_IsEmbedded()
    {
        var decision = ProfileDecision.Decide(_bareMachine);

        Assert.Equal(Profile.Embedded, decision.Profile);
        Assert.Equal(QueueEngine.Sqlite, decision.Queue);
        Assert.Contains("no Aspire", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Profile_WithoutAnAnsweringEngine_IsEmbedded()
    {
        var decision = ProfileDecision.Decide(_bareMachine with { HasAspire = true });

        Assert.Equal(Profile.Embedded, decision.Profile);
        Assert.Contains("no container engine answers", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Profile_WithAnAnsweringEngine_IsFull()
    {
        var decision = ProfileDecision.Decide(_bareMachine with { HasAspire = true, Engine = "Docker" });

        Assert.Equal(Profile.Full, decision.Profile);
        Assert.Contains("Docker answers", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("embedded", nameof(Profile.Embedded))]
    [InlineData("Full", nameof(Profile.Full))]
    [InlineData(" DISTRIBUTED ", nameof(Profile.Distributed))]
    public void Profile_AskedFor_GoesFirst(string setting, string expected)
    {
        var decision = ProfileDecision.Decide(
            _bareMachine with { HasAspire = true, Engine = "Docker", Profile = setting });

        Assert.Equal(expected, decision.Profile.ToString());
        Assert.Contains("Koubou:Profile", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Profile_WhenPublishing_IsDistributedOnRedis()
    {
        var decision = ProfileDecision.Decide(_bareMachine with { Publishing = true, HasAspire = true });

        Assert.Equal((Profile.Distributed, QueueEngine.Redis), (decision.Profile, decision.Queue));
    }

    [Theory]
    [InlineData("sqlite", nameof(QueueEngine.Sqlite))]
    [InlineData("redis", nameof(QueueEngine.Redis))]
    [InlineData("RabbitMQ", nameof(QueueEngine.RabbitMq))]
    public void Queue_AskedFor_GoesFirst(string setting, string expected)
    {
        Assert.Equal(expected, ProfileDecision.Decide(_bareMachine with { Queue = setting }).Queue.ToString());
    }

    [Theory]
    [InlineData("big", null, false, "Koubou:Profile is 'big'. Allowed: embedded, full, distributed.")]
    [InlineData("1", null, false, "Koubou:Profile is '1'. Allowed: embedded, full, distributed.")]
    [InlineData(null, "kafka", false, "Koubou:Queue is 'kafka'. Allowed: sqlite, redis, rabbitmq.")]
    [InlineData("distributed", "sqlite", false,
        "Koubou:Queue is 'sqlite'. Allowed: redis, rabbitmq with the profile distributed.")]
    [InlineData("embedded", null, true, "Koubou:Profile is 'embedded'. Allowed: distributed when publishing.")]
    public void Setting_NotAllowed_IsNamedWithWhatIs(string? profile, string? queue, bool publishing, string expected)
    {
        var facts = _bareMachine with { Profile = profile, Queue = queue, Publishing = publishing };

        var fault = Assert.Throws<SettingException>(() => ProfileDecision.Decide(facts));

        Assert.Equal(expected, fault.Message);
    }
}
