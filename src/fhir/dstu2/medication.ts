import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, conceptText, objects } from '../members.js';

/** STU3 Medication to DSTU2: form, ingredients and batches describe the product. */
export function dstu2Medication(source: JsonObject): JsonObject {
  const pack = isJsonObject(source.package) ? source.package : {};
  const product: JsonObject = {};
  if (source.form !== undefined) product.form = source.form;
  const ingredients = objects(source.ingredient).flatMap((ingredient) => productIngredient(ingredient) ?? []);
  if (ingredients.length > 0) product.ingredient = ingredients;
  if (pack.batch !== undefined) product.batch = pack.batch;
  return changed(source, {
    form: undefined,
    ingredient: undefined,
    package: source.package === undefined ? undefined : changed(pack, { batch: undefined }),
    product: Object.keys(product).length > 0 ? product : undefined,
  });
}

/** DSTU2 points to what an ingredient is; a concept can only be named. */
function productIngredient(ingredient: JsonObject): JsonObject | undefined {
  const display = conceptText(ingredient.itemCodeableConcept);
  const item = ingredient.itemReference ?? (display === undefined ? undefined : { display });
  if (item === undefined) return undefined;
  return ingredient.amount === undefined ? { item } : { item, amount: ingredient.amount };
}
