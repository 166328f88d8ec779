using Koubou.Contracts;
using Microsoft.Extensions.Localization;

namespace Koubou.Web.Language;

internal static class StateWords
{
    /// <summary>The word for a state in the reader's language.</summary>
    public static string Of(this IStringLocalizer<Words> words, TaskState state) => words["State." + state.ToWord()];
}
