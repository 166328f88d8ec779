using System.Text.RegularExpressions;
using Koubou.Contracts;
using Microsoft.Extensions.Localization;

namespace Koubou.Web.Language;

/// <summary>What a stable code means, in the reader's language. Null: there is no word for it, or the reader reads English.</summary>
public static partial class ErrorWords
{
    /// <summary>Why a task, an attempt or a backend failed.</summary>
    public static string? OfError(this IStringLocalizer<Errors> words, string? code) =>
        string.IsNullOrEmpty(code) ? null : Find(words, "error." + code);

    /// <summary>
    /// The whole finding, with what mends it. Null as well when a scheduler of another version leaves out what the sentence
    /// speaks of.
    /// </summary>
    public static string? OfFinding(this IStringLocalizer<Errors> words, HealthFinding finding)
    {
        if (Find(words, "finding." + finding.Code) is not { } sentence)
        {
            return null;
        }

        var isWhole = true;
        var filled = Place().Replace(sentence, place =>
        {
            isWhole &= finding.Args.TryGetValue(place.Groups["name"].Value, out var value);
            return value ?? "";
        });
        return isWhole ? filled : null;
    }

    /// <summary>What a field may hold, by its name in the contract: <c>labels["a"]</c> is of <c>labels</c>.</summary>
    public static string? OfFault(this IStringLocalizer<Errors> words, string field, string reason)
    {
        var name = field.Split('[', '.')[0];
        return Find(words, $"fault.{name}.{reason}") ?? Find(words, $"fault.{name}");
    }

    /// <summary>Why a call was refused.</summary>
    public static string? OfStatus(this IStringLocalizer<Errors> words, string status) => Find(words, "status." + status);

    /// <summary>A sentence of the services that has no code, such as what a built-in task type is for.</summary>
    public static string OfText(this IStringLocalizer<Errors> words, string english) =>
        english.Length == 0 ? "" : Find(words, "text." + english) ?? english;

    private static string? Find(IStringLocalizer<Errors> words, string key) =>
        words[key] is { ResourceNotFound: false } found ? found.Value : null;

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Place();
}
