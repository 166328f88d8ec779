using GraphQL.Types;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>The order of a list; its value is whether the oldest comes first.</summary>
internal sealed class SortEnum : EnumerationGraphType
{
    public SortEnum()
    {
        Name = "TaskSort";
        Add("NEWEST_FIRST", false, "By time of submission.");
        Add("OLDEST_FIRST", true, "By time of submission.");
    }
}
