using System.Collections.Frozen;

namespace Koubou.Worker.Craftsmen;

/// <summary>One line of registration: who works on a task type.</summary>
internal sealed record CraftsmanRegistration(string TaskType, Type Craftsman);

/// <summary>Finds the craftsman for a task type; whatever has none of its own goes to a model.</summary>
internal sealed class CraftsmanRegistry
{
    private readonly FrozenDictionary<string, Craftsman> _byType;
    private readonly Craftsman _otherwise;

    public CraftsmanRegistry(
        IEnumerable<CraftsmanRegistration> registrations, ModelCraftsman otherwise, IServiceProvider services)
    {
        _otherwise = otherwise;
        var byType = new Dictionary<string, Craftsman>(StringComparer.Ordinal);
        foreach (var registration in registrations)
        {
            byType[registration.TaskType] = (Craftsman)services.GetRequiredService(registration.Craftsman);
        }

        _byType = byType.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Task types with a craftsman of their own, who needs no backend.</summary>
    public IEnumerable<string> OwnTypes => _byType.Keys.Order(StringComparer.Ordinal);

    public Craftsman For(string taskType) => _byType.GetValueOrDefault(taskType, _otherwise);
}
