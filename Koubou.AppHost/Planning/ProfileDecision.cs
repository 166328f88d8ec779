namespace Koubou.AppHost.Planning;

/// <summary>What the profile depends on.</summary>
/// <param name="Profile">The setting <c>Koubou:Profile</c>, if any.</param>
/// <param name="Queue">The setting <c>Koubou:Queue</c>, if any.</param>
/// <param name="Publishing">Whether the workshop is being published rather than run.</param>
/// <param name="HasAspire">Whether this build can start containers.</param>
/// <param name="Engine">The container engine that answered, such as <c>Docker</c>; null for none.</param>
internal sealed record ProfileFacts(string? Profile, string? Queue, bool Publishing, bool HasAspire, string? Engine);

/// <summary>The profile and the queue that were chosen, and why.</summary>
internal sealed record ProfileDecision(Profile Profile, QueueEngine Queue, string Reason)
{
    /// <summary>Decides; throws <see cref="SettingException"/> for a setting that is not allowed.</summary>
    public static ProfileDecision Decide(ProfileFacts facts)
    {
        var (profile, reason) = ChooseProfile(facts);
        return new ProfileDecision(profile, ChooseQueue(facts.Queue, profile), reason);
    }

    private static (Profile Profile, string Reason) ChooseProfile(ProfileFacts facts)
    {
        var asked = Setting.ReadEnum<Profile>("Koubou:Profile", facts.Profile);
        if (facts.Publishing)
        {
            return asked is null or Profile.Distributed
                ? (Profile.Distributed, "it is being published")
                : throw new SettingException("Koubou:Profile", facts.Profile, "distributed when publishing");
        }

        return asked is { } explicitly ? (explicitly, "Koubou:Profile says so")
            : !facts.HasAspire ? (Profile.Embedded, "this build has no Aspire to start containers with")
            : facts.Engine is null ? (Profile.Embedded, "no container engine answers on this machine")
            : (Profile.Full, $"{facts.Engine} answers on this machine");
    }

    private static QueueEngine ChooseQueue(string? setting, Profile profile)
    {
        var queue = Setting.ReadEnum<QueueEngine>("Koubou:Queue", setting);
        return (profile, queue) switch
        {
            (Profile.Distributed, QueueEngine.Sqlite) =>
                throw new SettingException("Koubou:Queue", setting, "redis, rabbitmq with the profile distributed"),
            (Profile.Distributed, null) => QueueEngine.Redis,
            _ => queue ?? QueueEngine.Sqlite,
        };
    }
}
