namespace Xmtp.Gateway.Redis;

/// <summary>Reads the <c>.lua</c> files that an assembly carries.</summary>
internal static class EmbeddedLua
{
    /// <summary>A script as one text.</summary>
    /// <param name="beside">A type in the folder of the files.</param>
    /// <param name="files">The files without their ending, in order.</param>
    internal static string Read(Type beside, params ReadOnlySpan<string> files)
    {
        var script = "";
        foreach (var file in files)
        {
            using var reader = new StreamReader(beside.Assembly.GetManifestResourceStream(beside, file + ".lua")!);
            script += reader.ReadToEnd();
        }

        return script;
    }
}
