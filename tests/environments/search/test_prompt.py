"""A simulator's prompt says what the order of found pages follows from, and what changes stands last."""

from simenv.plugins import environment
from simenv.plugins.environments.search.engine.words import index_words
from tests.benchmarks.bench_checker import scenes
from tests.helpers.prompt_moments import prompt_moments


def _added_up(pages, ranking, query):
    """The ids of the pages with any word of a query, ranked by the numbers that a prompt gives, to three places."""
    words = {id: index_words(f"{title}\n{' '.join(sentences)}") for id, title, sentences in pages}
    scores = dict.fromkeys(words, 0.0)
    for word in dict.fromkeys(index_words(str(query))):
        holders = [id for id in words if word in words[id]]
        for id in holders:
            n = words[id].count(word)
            scores[id] += round(ranking.weights[len(holders)], 3) * n / (n + round(ranking.factors[id], 3))
    return sorted((id for id in scores if scores[id]), key=lambda id: (-scores[id], id))


async def test_the_numbers_in_the_prompt_add_up_to_the_order_of_the_search():
    env, checked = environment("search"), 0
    async for scene in scenes(env, 150):
        if scene.action.name == "search" and not scene.truth.invalid:
            premises = env.world.premises(scene.spec, scene.before)
            found = _added_up(premises["pages"], premises["ranking"], scene.action.arguments["query"])
            assert found[:5] == scene.after["results"]
            checked += 1
    assert checked > 30


async def test_the_state_comes_behind_all_that_an_episode_shares():
    async for moment in prompt_moments("search", 30):
        assert moment.user.index("# The state now") > moment.user.index("# The pages")
        if (past := moment.user.find("# What has happened so far")) >= 0:
            assert moment.user.index("# The state now") > past
