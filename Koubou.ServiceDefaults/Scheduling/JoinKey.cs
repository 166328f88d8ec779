namespace Koubou.ServiceDefaults.Scheduling;

/// <summary>
/// The key that services and worker nodes show to a scheduler that asks for one. A service that reads the same
/// configuration as its scheduler has it already.
/// </summary>
public static class JoinKey
{
    /// <summary>Where configuration holds it, for the scheduler and for those who call it.</summary>
    public const string SettingKey = "Koubou:Scheduler:JoinKey";

    /// <summary>The header of each call that carries it.</summary>
    public const string Header = "koubou-join-key";
}
