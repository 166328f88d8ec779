using GraphQL.Types;
using Koubou.Contracts;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>The order of a list.</summary>
internal sealed class SortEnum : EnumerationGraphType
{
    public SortEnum()
    {
        Name = "TaskSort";
        Add("NEWEST_FIRST", Newest, "By time of submission.");
        Add("OLDEST_FIRST", new Sort(TaskOrder.Unspecified, Reversed: true), "By time of submission.");
        Add("HIGHEST_PRIORITY_FIRST", new Sort(TaskOrder.Priority, Reversed: false), "Ties by submission.");
        Add("LOWEST_PRIORITY_FIRST", new Sort(TaskOrder.Priority, Reversed: true), "Ties by submission.");
        Add("LAST_FINISHED_FIRST", new Sort(TaskOrder.Finished, Reversed: false), "Unfinished tasks come last.");
        Add("FIRST_FINISHED_FIRST", new Sort(TaskOrder.Finished, Reversed: true), "Unfinished tasks come first.");
    }

    public static Sort Newest { get; } = new(TaskOrder.Unspecified, Reversed: false);

    /// <param name="Order">What is compared.</param>
    /// <param name="Reversed">Lowest or oldest first.</param>
    internal sealed record Sort(TaskOrder Order, bool Reversed);
}
